"""Tables `documents` and `document_files`. Indexes end in the key of the list, newest first."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from cchc_shared.storage.search import index_of_words
from tasks_api.metadata import METADATA

documents = Table(
    "documents",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False, comment="incoming, meeting, petition, decision"),
    Column("number", Text, nullable=False, comment="empty: it has none"),
    Column("dated_on", Date, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="which registered it, and assigns what comes of it"),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("search", Text, nullable=False, comment="unmarked words of code, number, sender and subject"),
    Index("ix_documents_unit_id", "unit", "id"),
    Index("ix_documents_kind_id", "kind", "id"),
    comment="Documents that tasks come from, beside plans",
)

index_of_words("ix_documents_search", documents.c.search)

document_files = Table(
    "document_files",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("document_id", BigInteger, ForeignKey("documents.id"), nullable=False),
    Column("code", Text, nullable=False, comment="of the document: the folder of its objects"),
    Column("number", Integer, nullable=False, comment="within the document: the name that readers see has it"),
    Column("caption", Text),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="of the bytes that are kept and served"),
    Column("source_sha256", LargeBinary, nullable=False, comment="of the file as it was sent"),
    Column("thumbnail_sha256", LargeBinary, comment="of an image"),
    Column("scanned", Boolean, nullable=False, comment="whether a scanner looked and found no malware"),
    Column("replaces", Uuid, ForeignKey("document_files.id"), comment="the file in whose place it stands"),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", Text, nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    Column("removed_by", Text),
    Index("uq_document_files_document_id_number", "document_id", "number", unique=True),
    Index("ix_document_files_code", "code"),
    comment="Files of documents; what was taken back stays as a trace, without its bytes",
)
