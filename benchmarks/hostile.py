"""Bodies of every bad kind: short ones by the thousand, and now and then one of many megabytes."""

import http.client
import json
import random
import string
import zlib
from collections import Counter

BIG = 15_000_000
BIG_ONES = 500  # one of so many is of that size
JSON = {"Content-Type": "application/json"}


class Hostile:
    """A client that sends them one after the other and counts the answers by their status."""

    def __init__(self, port: int, good: bytes) -> None:
        self.port = port
        self.good = good
        self.random = random.Random(0)
        self.statuses: Counter[int] = Counter()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def send(self, count: int) -> None:
        for number in range(count):
            body = self._big() if number % BIG_ONES == BIG_ONES - 1 else self._short()
            headers = JSON | ({"Content-Encoding": "gzip"} if body[:1] == b"\x78" else {})
            path = "/v1/score/batch" if body.startswith(b'{"items"') else "/v1/score"
            self.statuses[self._status(path, body, headers)] += 1

    def told(self) -> str:
        return ", ".join(f"{count:,} x {status}" for status, count in sorted(self.statuses.items()))

    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500)

    def _status(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        for _ in range(2):
            try:
                self._connection.request("POST", path, body, headers)
                answer = self._connection.getresponse()
                answer.read()
            except (ConnectionError, http.client.HTTPException):  # an idle connection, or one that was refused
                self._connection.close()
            else:
                return answer.status
        return 599

    def _short(self) -> bytes:
        name = "".join(self.random.choices(string.ascii_letters, k=self.random.randint(1, 300)))
        kinds = [
            self.good[: self.random.randrange(len(self.good))],
            zlib.compress(self.good),
            json.dumps({"lead": {name: "x", f"{name}2": 1, "source": name}}).encode(),
            json.dumps({"lead": {f"{name}{number}": [] for number in range(20)}}).encode(),
            json.dumps({"lead": {"email": f"a@{name}.com", "job_title": name * 5}, "activities": [{name: 1}]}).encode(),
            json.dumps({"lead": {}, "activities": [{"type": name, "occurred_at": "2026-01-01T00:00:00Z"}]}).encode(),
            json.dumps({"items": [{"lead": {"source": name, "country": name}}, {"lead": {}}]}).encode(),
            b"[" * self.random.randint(1, 5000),
            self.random.randbytes(200),
        ]
        return self.random.choice(kinds)

    def _big(self) -> bytes:
        salt = str(self.random.random())
        some = BIG // 25
        kinds = [
            lambda: json.dumps({"lead": {salt + "x" * BIG: 1}}),
            lambda: json.dumps({"lead": {f"{salt}{number}": [] for number in range(some)}}),
            lambda: json.dumps({"lead": {f"{number}{salt}" + "x" * (BIG // 900): number for number in range(800)}}),
            lambda: json.dumps({"lead": {}, "activities": [{}] * (BIG // 4)}),
            lambda: json.dumps({"lead": {"a": [[]] * (BIG // 4)}}),
            lambda: json.dumps({"items": [{"lead": {f"{salt}{number}": [] for number in range(800)}}] * 700}),
            lambda: json.dumps({"items": [{"lead": {"source": salt}}] * (BIG // 45)}),
            lambda: json.dumps({"lead": {"source": salt * (BIG // 20)}}),
        ]
        return self.random.choice(kinds)().encode()
