"""A developer: start the server, ask as the documents say, make the usual slips, stop it."""

import json

from models.storage.manifest import checksum_in, short
from tests.conftest import REPOSITORY
from tests.docs.markdown import blocks
from tests.first_hours.hour import Hour

TIME = "2025-08-01T10:00:00Z"


def play(hour: Hour) -> None:
    """The hour, step by step."""
    workspace = str(hour.workspace.root)
    hour.step("Start the server, and look around")
    with hour.served("serve", "-w", workspace, "--port", "0") as client:
        start = client.get("/")
        hour.check("/ leads to the reference", start.url.path == "/docs" and start.status_code == 200)
        hour.check(
            "the reference has a line to try, and an answer", "curl -s" in start.text and "rest_signals" in start.text
        )
        model = client.get("/v1/model").json()
        fields = {each["field"]: each for each in model["fields"]}
        hour.check("the fields and their values are listed", bool(fields["lead.source"]["levels"]))
        hour.check("one name for the model", short(checksum_in(hour.workspace.champion)) in json.dumps(model))

        hour.step("Ask as README and docs say")
        for page in ("README.md", "docs/http.md"):
            answer = hour.post(client, _printed_body(page))
            hour.check(f"{page}: a probability and reasons", bool(answer.json()["reasons"]))

        hour.step("Send what the CRM has")
        activities = f'[{{"type": "pricing_veiw", "occurred_at": "{TIME}"}}]'
        raw = f'{{"lead": {{"source": "Organic Search"}}, "activities": {activities}}}'
        answer = hour.post(client, raw).json()
        warned = {each["field"]: each["did_you_mean"] for each in answer["warnings"]}
        hour.check("the CRM's own words are understood", "lead.source" not in warned)
        hour.check("a misspelt activity is warned of", warned.get("activities[0].type") == "pricing_view")
        answer = hour.post(client, '{"lead": {"source": "referal"}, "reasons": 2, "language": "es"}').json()
        hour.check("a misspelt value too", answer["warnings"][0]["did_you_mean"] == "referral")
        hour.check("as many reasons as asked for", len(answer["reasons"]) <= 2)

        hour.step("Slips")
        late = '{"lead": {"created_at": "2030-01-01T00:00:00Z"}, "as_of": "2026-01-01T00:00:00Z"}'
        told = hour.post(client, late, status=422).json()["errors"][0]
        hour.check("a lead created after as_of is refused", "as_of" in told["message"])
        slip = f'{{"lead": {{}}, "activities": [{{"tpye": "call", "occurred_at": "{TIME}"}}]}}'
        told = hour.post(client, slip, status=422).json()["errors"]
        hour.check(
            "a misspelt field is told the likely one", any("Did you mean type?" in each["message"] for each in told)
        )
        told = hour.post(client, '{"lead": {"has_phone": "yes"}}', status=422).json()["errors"][0]
        hour.check("plain words", told["message"] == "Expected true or false")
        hour.post(client, '{"lead": {', status=400)

        hour.step("A second server on the same port")
        seen = hour.run_apart("serve", "-w", workspace, "--port", str(client.base_url.port), code=2)
        hour.check("it names the port and what to do", "in use" in seen.flat and "--port 0" in seen.flat)
        hour.step("Ctrl-C")


def _printed_body(page: str) -> str:
    """The body of the first curl command of a page."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    command = next(content for _, content in blocks(text) if "-d '" in content)
    return command.partition("-d '")[2].partition("'")[0].strip()
