"""The tour through the work on a task: steps, evidence, reports of progress."""

from tests.support.steps import UNIT, Answers, Call


def work_tour() -> Answers:
    """One task at work, until its obstacles are answered."""
    body = {"title": "Rà soát thủ tục hành chính", "lead_unit": UNIT, "due_on": "2061-06-30", "product": "Báo cáo"}
    task = yield Call("tasks.create", "office", body=body, status=201)
    path = {"code": task["code"]}
    step = {"text": "Khảo sát tại ba phường", "due_on": "2061-03-31"}
    added = yield Call("steps.add", "officer", path=path, body=step, status=201)
    yield Call("steps.change", "officer", path={**path, "step": added["id"]}, body={"done": True}, version=1)
    file = {"file": "%PDF-1.4\n%%EOF\n", "caption": "Báo cáo đã ban hành"}
    yield Call("evidence.add", "officer", path=path, body=file, status=201)
    link = {"url": "https://vanban.example.vn/12-BC", "caption": "Bản đăng trên cổng"}
    yield Call("evidence.link", "officer", path=path, body=link, status=201)
    yield Call("evidence.list", "head", path=path)
    report = {"percent": 60, "content": "Đã khảo sát hai phường", "obstacles": "Chưa có kinh phí in ấn"}
    made = yield Call("progress_reports.add", "officer", path=path, body=report, status=201)
    yield Call("progress_reports.list", "head", path=path, query={"limit": 1})
    yield Call("progress_reports.obstacles", "office", query={"lead_unit": UNIT, "limit": 1})
    answer = {"answer": "Sở Tài chính cấp trong tháng này"}
    yield Call("progress_reports.answer", "office", path={**path, "report": made["id"]}, body=answer)
    yield Call("tasks.get", "head", path=path)
