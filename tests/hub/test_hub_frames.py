"""The formgrader in a frame: of the server that it belongs to, and of no other."""

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest

from curriculum.grading.feedback import policy

HERE = "class.example.org"
FRAMED = {
    "Host": HERE,
    "Sec-Fetch-Dest": "iframe",
    "Sec-Fetch-Site": "same-origin",
    "Referer": f"https://{HERE}/services/ml/lab/tree/x",
}


class Page:
    """What a handler is to the policy."""

    base_url = "/services/ml"

    def __init__(self, headers, settings=None):
        class Connection:
            context = None

            def set_close_callback(self, _):
                pass

        self.request = HTTPServerRequest(
            "GET", "/", headers=HTTPHeaders(headers), connection=Connection()
        )
        kept = {"headers": {"Content-Security-Policy": "frame-ancestors 'none'"}}
        self.settings = kept if settings is None else settings


def ancestors(page):
    return policy._pages(page).split(",")[0]


def test_a_page_of_the_same_server_may_frame_the_formgrader():
    assert ancestors(Page(FRAMED)) == "frame-ancestors 'self'"


@pytest.mark.parametrize(
    "other",
    [
        {"Referer": f"https://{HERE}/user/mallory/lab"},
        {"Referer": f"https://{HERE}/services/ml2/lab"},
        {"Referer": f"https://{HERE}/services/ml"},
        {"Referer": f"https://{HERE}/services/ml/%2e%2e/mallory"},
        {"Referer": "https://evil.example.org/services/ml/lab"},
        {"Referer": ""},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Dest": ""},
    ],
    ids=str,
)
def test_no_other_page_may(other):
    assert ancestors(Page({**FRAMED, **other})) == "frame-ancestors 'none'"


def test_what_the_browser_leaves_out_allows_nothing():
    for name in ("Sec-Fetch-Dest", "Sec-Fetch-Site", "Referer"):
        left = {key: value for key, value in FRAMED.items() if key != name}
        assert ancestors(Page(left)) == "frame-ancestors 'none'"
