"""Explains in one sentence why the PostgreSQL at `DATABASE_URL` cannot be used, and what to do."""

import asyncpg


def explain(error: OSError | asyncpg.PostgresError | asyncpg.InterfaceError, place: str) -> str:
    """`place` is the server and the database, without any secret."""
    match error:
        case asyncpg.InvalidCatalogNameError():
            said = "chưa có cơ sở dữ liệu này · there is no such database: CREATE DATABASE …"
        case asyncpg.InvalidAuthorizationSpecificationError():
            said = "không nhận vai trò hoặc mật khẩu này · refuses this role or password"
        case asyncpg.InsufficientPrivilegeError():
            said = (
                "vai trò trong DATABASE_URL phải được tạo vai trò và lược đồ"
                f" · the role in DATABASE_URL must be allowed to create roles and schemas ({error})"
            )
        case OSError():
            said = f"không kết nối được · cannot be reached ({error.strerror or type(error).__name__})"
        case _:
            said = f"{type(error).__name__}: {error}"
    return f"PostgreSQL {place}: {said}".replace("\n", " ")
