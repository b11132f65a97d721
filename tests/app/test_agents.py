"""Where somebody is logged in is told by the browser's name, not by what it sends of itself."""

import pytest

from app.agents import browser

CHROME = "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME % "X11; Linux x86_64", "Chrome trên Linux"),
        (CHROME % "Windows NT 10.0; Win64; x64" + " Edg/150.0", "Microsoft Edge trên Windows"),
        (CHROME % "Linux; Android 16; SM-A556E", "Chrome trên Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko Firefox/150.0",
         "Firefox trên macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1",
         "Safari trên iPhone"),
        ("curl/8.5", "curl/8.5"),
        (None, ""),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_its_name(app, agent, said):
    with app.test_request_context():
        assert browser(agent) == said
