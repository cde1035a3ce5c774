"""Who enters the page, what may be asked of it, and how much it takes in."""

from __future__ import annotations

import socket
import stat
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from rag.assistant import Assistant
from rag.errors import UsageError
from rag.web.access import UploadFolder, may_enter, write_password
from rag.web.access.attempts import Attempts
from rag.web.access.passwords import Passwords
from rag.web.access.uploads import BodyLimits
from tests.browsing import served

TOKEN = "un-token-de-prueba-bastante-largo"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return Assistant.open(index_dir=tmp_path_factory.mktemp("vacío"), model="extractive")


@pytest.fixture(scope="module")
def open_page(assistant: Assistant) -> Iterator[str]:
    with served(assistant) as page:
        yield page


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("claves") / "claves"
    write_password(file, "ana", "el mar está frío")
    return file


@pytest.fixture(scope="module")
def guarded_page(assistant: Assistant, passwords: Path) -> Iterator[str]:
    with served(assistant, auth_file=passwords, token=TOKEN) as page:
        yield page


# --- the password file ---------------------------------------------------------------------------


def test_a_password_file_holds_no_password_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "claves"
    assert not write_password(file, "ana", "secreto largo")
    assert not write_password(file, "blas", "otro secreto")
    assert write_password(file, "ana", "secreto nuevo")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [line.split(":")[0] for line in file.read_text().splitlines()] == ["ana", "blas"]
    assert "secreto" not in file.read_text()
    assert list(tmp_path.iterdir()) == [file]
    known = Passwords.in_file(file)
    assert known.verify("ana", "secreto nuevo")
    assert known.verify("blas", "otro secreto")
    for user, password in (
        ("ana", "secreto largo"), ("blas", "secreto nuevo"), ("eva", "secreto nuevo"), ("", ""),
    ):  # fmt: skip
        assert not known.verify(user, password)


def test_a_password_that_changes_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "claves"
    write_password(file, "ana", "secreto largo")
    known = Passwords.in_file(file)
    write_password(file, "ana", "secreto nuevo")
    assert known.verify("ana", "secreto nuevo")
    assert not known.verify("ana", "secreto largo")
    file.unlink()
    assert not known.verify("ana", "secreto nuevo")


def test_a_password_file_that_others_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "claves"
    write_password(file, "ana", "secreto largo")
    file.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        may_enter("127.0.0.1", auth_file=file)


@pytest.mark.parametrize("content", [b"ana:secreto\n", b"", b"\xff\xfe", b"ana\n"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "claves"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(UsageError, match="rag password"):
        may_enter("127.0.0.1", auth_file=file)


@pytest.mark.parametrize(
    ("user", "password"),
    [("a:b", "secreto largo"), ("", "secreto largo"), ("ana", "corta"), ("ana", "x" * 100_000)],
)
def test_what_is_no_user_or_no_password_is_not_written(
    tmp_path: Path, user: str, password: str
) -> None:
    with pytest.raises(UsageError):
        write_password(tmp_path / "claves", user, password)
    assert not (tmp_path / "claves").exists()


# --- who may enter -------------------------------------------------------------------------------


def test_other_machines_are_asked_for_something() -> None:
    with pytest.raises(UsageError) as refused:
        may_enter("0.0.0.0")
    assert "--auth" in str(refused.value)
    assert "--token" in str(refused.value)
    assert may_enter("0.0.0.0", token="").is_guarded
    assert not may_enter("127.0.0.1").is_guarded


@pytest.mark.parametrize("auth", ["sin-clave", ":", "ana:", ":clave"])
def test_a_user_has_a_password(auth: str) -> None:
    with pytest.raises(UsageError, match="USUARIO:CLAVE"):
        may_enter("0.0.0.0", auth)


def test_a_foreign_name_for_this_machine_is_refused(open_page: str) -> None:
    assert httpx.get(open_page, headers={"Host": "example.com"}).status_code == 400
    assert httpx.get(open_page, headers={"Host": "localhost"}).status_code == 200


@pytest.mark.parametrize("token", ["corto", "x" * 15, "ñandú" * 10])
def test_a_token_that_can_be_guessed_or_written_wrong_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="token"):
        may_enter("127.0.0.1", token=token)


def test_nothing_of_a_guarded_page_is_seen_from_outside(guarded_page: str) -> None:
    for path in (
        "/", "/config", "/theme.css", "/assets/x.js", "/recursos/favicon.svg", "/favicon.ico",
        "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/gradio_api/mcp",
        "/gradio_api/heartbeat/x", "/no-existe",
    ):  # fmt: skip
        assert httpx.get(guarded_page + path).status_code == 401, path
    for path in ("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/run/ask"):
        assert httpx.post(guarded_page + path, json={}).status_code == 401, path
    shown = httpx.get(guarded_page, headers=HTML)
    assert shown.status_code == 401
    assert '<html lang="es">' in shown.text
    assert 'name="password"' in shown.text


def test_a_person_enters_with_a_password(guarded_page: str) -> None:
    with httpx.Client(base_url=guarded_page, headers=HTML | {"Origin": guarded_page}) as browser:
        form = {"username": "ana", "password": "el mar está frío"}
        entered = browser.post("/login", data=form)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        told = entered.headers["set-cookie"].lower()
        assert "httponly" in told
        assert "samesite=strict" in told
        assert browser.get("/").status_code == 200
        assert browser.get("/login").status_code == 303
        (cookie,) = browser.cookies.jar
        assert cookie.value
        name, value = cookie.name, cookie.value
    for forged in (
        value[:-1] + ("0" if value[-1] != "0" else "1"), value.replace("browser", "program"), "",
        "...", "YW5h.browser.9999999999.", ".browser.9999999999.x", "é",
    ):  # fmt: skip
        headers = {b"Cookie": f"{name}={forged}".encode()}
        assert httpx.get(guarded_page, headers=headers).status_code == 401, forged
    kept = {"Cookie": f"{name}={value}"}
    assert httpx.get(guarded_page, headers=kept).status_code == 200
    # A browser says where what it sends comes from; without that, its cookie is not enough.
    asked = httpx.post(f"{guarded_page}/gradio_api/run/ask", json={"data": []}, headers=kept)
    assert asked.status_code == 403


def test_a_program_enters_with_the_token(guarded_page: str) -> None:
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{guarded_page}/config", headers=right).status_code == 200
    for wrong in (f"Bearer {TOKEN}x", "Bearer", TOKEN, f"Basic {TOKEN}"):
        refused = httpx.get(f"{guarded_page}/config", headers={"Authorization": wrong})
        assert refused.status_code == 401
        assert "token" in refused.json()["detail"]["error"] or "clave" in refused.text


def test_the_token_leaves_the_address_and_is_not_in_the_cookie(guarded_page: str) -> None:
    entered = httpx.get(f"{guarded_page}//foreign.example/?token={TOKEN}&x=1")
    assert entered.status_code == 303
    assert entered.headers["location"] == "/foreign.example/?x=1"
    cookie = entered.headers["set-cookie"]
    assert TOKEN not in cookie
    headers = {"Cookie": cookie.partition(";")[0]}
    assert httpx.get(guarded_page, headers=headers).status_code == 200


def test_a_long_password_is_refused_unread(guarded_page: str) -> None:
    started = time.perf_counter()
    form = {"username": "blas", "password": "x" * 100_000}
    assert httpx.post(f"{guarded_page}/login", data=form).status_code == 413
    assert time.perf_counter() - started < 2


def test_who_guesses_waits(assistant: Assistant) -> None:
    form = {"username": "ana", "password": "no es"}
    with served(assistant, auth="ana:secreto") as page:
        statuses = [httpx.post(f"{page}/login", data=form).status_code for _ in range(8)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses[5:]


def test_failures_are_kept_of_few_addresses_and_forgotten_with_a_success() -> None:
    attempts = Attempts()
    for _ in range(9):
        attempts.fail("2001:db8::1")
    assert 1 <= attempts.seconds_to_wait("2001:db8::ffff") <= 16  # one network
    assert attempts.seconds_to_wait("192.0.2.1") == 0
    attempts.succeed("2001:db8::1")
    assert attempts.seconds_to_wait("2001:db8::1") == 0
    for n in range(20_000):
        attempts.fail(f"address {n}")
    assert len(attempts._failures) <= 10_000


# --- what may be asked ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd", "/gradio_api/file/etc/passwd", "/file=/etc/passwd",
        "/gradio_api/file=https://example.com/", "/gradio_api/proxy=https://x.hf.space/a",
        "/monitoring", "/monitoring/summary", "/gradio_api/runs", "/gradio_api/run-history/buckets",
        "/gradio_api/deep_link?session_hash=x", "/gradio_api/dev/reload",
        "/gradio_api/openapi.json",
        "/gradio_api/vibe-code", "/gradio_api/token", "/gradio_api/mcp", "/gradio_api/mcp/sse",
        "/gradio_api/custom_component/x/client/component/index.js", "/docs", "/pwa_icon",
        "/gradio_api/stream/a/b/1/playlist.m3u8", "/recursos/../serve.py",
        "/recursos/%2e%2e/serve.py",
    ],
)  # fmt: skip
def test_what_the_page_does_not_need_is_not_there(open_page: str, path: str) -> None:
    assert httpx.get(open_page + path).status_code == 404


def test_nothing_reads_the_index(open_page: str, assistant: Assistant) -> None:
    index = assistant.settings.index_dir.resolve() / "CURRENT"
    assert httpx.get(f"{open_page}/gradio_api/file={index}").status_code == 404
    for method in ("POST", "PUT", "DELETE"):
        asked = httpx.request(method, f"{open_page}/gradio_api/process_recording")
        assert asked.status_code == 404


def test_the_configuration_tells_nothing_of_the_machine(
    open_page: str, assistant: Assistant
) -> None:
    for path in ("/", "/config", "/gradio_api/info"):
        text = httpx.get(open_page + path).text
        for secret in (
            str(Path.home()),
            str(Path.cwd()),
            "/tmp",
            str(assistant.settings.index_dir),
        ):
            assert secret not in text


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "http://example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:1"}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)  # fmt: skip
def test_another_page_asks_nothing(open_page: str, said: dict[str, str]) -> None:
    body = {"data": ["¿Hola?"]}
    asked = httpx.post(f"{open_page}/gradio_api/run/search", json=body, headers=said)
    assert asked.status_code == 403


def test_another_page_may_link_here_and_not_frame_it(open_page: str) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert httpx.get(open_page, headers=link | {"Sec-Fetch-Dest": "document"}).status_code == 200
    assert httpx.get(open_page, headers=link | {"Sec-Fetch-Dest": "iframe"}).status_code == 403
    own = {"Origin": open_page, "Sec-Fetch-Site": "same-origin"}
    reset = httpx.post(f"{open_page}/gradio_api/reset", json={"event_id": "x"}, headers=own)
    assert reset.status_code == 200


def test_every_answer_tells_the_browser_to_be_careful(open_page: str) -> None:
    for path in ("/", "/config", "/no-existe", "/recursos/favicon.svg"):
        headers = httpx.get(open_page + path).headers
        for rule in ("frame-ancestors 'none'", "object-src 'none'", "connect-src 'self'"):
            assert rule in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
    assert httpx.get(f"{open_page}/config").headers["cache-control"] == "no-store"
    view = httpx.get(f"{open_page}/recursos/desk.js").headers
    assert view["cache-control"] == "no-cache"
    assert view["etag"]


# --- how much it takes in ------------------------------------------------------------------------


def test_a_long_body_is_refused_when_it_is_announced_and_when_it_comes(open_page: str) -> None:
    url = f"{open_page}/gradio_api/run/search"
    host, _, port = open_page.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST /gradio_api/run/search HTTP/1.1\r\nHost: {host}\r\nContent-Length: {9 << 20}"
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")

    def in_pieces() -> Iterator[bytes]:
        for _ in range(9):
            yield b" " * 1024 * 1024

    came = httpx.post(url, content=in_pieces(), headers={"Content-Type": "application/json"})
    assert came.status_code == 413
    assert "demasiado grande" in came.json()["detail"]


def test_uploads_stop_where_their_folder_is_full() -> None:
    import anyio
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    folder = UploadFolder(max_file_bytes=1 << 30)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    # A file with a hole, of nearly all that may be kept.
    with (folder.path / "grande").open("wb") as file:
        file.truncate(folder.n_bytes_free() - 1000)

    async def take(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app = BodyLimits(
        Starlette(routes=[Route("/gradio_api/upload", take, methods=["POST"])]), folder
    )

    async def in_pieces(n_bytes: int) -> AsyncIterator[bytes]:
        for _ in range(n_bytes // 100):
            yield b"x" * 100

    async def send() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            url = "/gradio_api/upload"
            return [
                (await client.post(url, content=b"x" * 900)).status_code,
                (await client.post(url, content=b"x" * 1100)).status_code,
                (await client.post(url, content=in_pieces(1100))).status_code,
                (await client.post(url, content=in_pieces(900))).status_code,
            ]

    assert anyio.run(send) == [200, 507, 507, 200]
    folder.remove()
    assert not folder.path.exists()


def test_a_file_may_be_as_long_as_the_settings_say(tmp_path: Path) -> None:
    assistant = Assistant.open(index_dir=tmp_path, model="extractive", max_upload_mebibytes=1)
    mebibyte = 1 << 20
    with served(assistant) as page:
        for n_bytes, status in ((1000, 200), (mebibyte + 1000, 413), (2 * mebibyte + 1000, 413)):
            files = {"files": ("a.txt", b"x" * n_bytes)}
            sent = httpx.post(f"{page}/gradio_api/upload", files=files)
            assert sent.status_code == status, n_bytes


def test_a_page_that_is_only_read_takes_nothing_in(assistant: Assistant) -> None:
    with served(assistant, may_change=False) as page:
        files = {"files": ("a.txt", b"x")}
        assert httpx.post(f"{page}/gradio_api/upload", files=files).status_code == 404
        config = httpx.get(f"{page}/config").json()
        (view,) = (
            each for each in config["components"] if each["props"].get("elem_id") == "documents"
        )
        called = {"component_id": view["id"], "session_hash": "s", "data": {}}
        for name, status in (
            ("look_documents", 200), ("add_documents", 404), ("remove_document", 404),
            ("restore_document", 404), ("update_documents", 404),
        ):  # fmt: skip
            url = f"{page}/gradio_api/component_server"
            assert httpx.post(url, json=called | {"fn_name": name}).status_code == status, name


def test_who_has_entered_does_not_wait_while_passwords_are_tried(guarded_page: str) -> None:
    form = {"username": "eva", "password": "no es ninguna"}
    threads = [
        threading.Thread(target=httpx.post, args=(f"{guarded_page}/login",), kwargs={"data": form})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    cookie = {"Authorization": f"Bearer {TOKEN}"}
    started = time.perf_counter()
    served_status = httpx.get(f"{guarded_page}/gradio_api/app_id", headers=cookie).status_code
    seconds = time.perf_counter() - started
    for thread in threads:
        thread.join()
    assert served_status in {200, 429}  # the failures before may make this address wait
    assert seconds < 2
