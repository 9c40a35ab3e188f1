"""What kind of body is accepted."""

from email.message import Message

from fastapi import Request

from serving.problems import Kind, ProblemError


async def require_json(request: Request) -> None:
    """Let only JSON in UTF-8 without compression pass; a dependency of every route that takes a body.

    Raises ProblemError (415).
    """
    head = Message()
    head["content-type"] = request.headers.get("content-type", "")
    if head.get_content_type() != "application/json":
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send the header Content-Type: application/json.")
    if str(head.get_content_charset("utf-8")).lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "JSON is encoded in UTF-8: leave out the charset.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, "Send the body without compression (no Content-Encoding).")
