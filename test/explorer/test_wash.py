"""The explorer in the real `wash dev`: alone as its example has it, and with the store beside it. For `make test-wash`."""
import pathlib
import sys

import pytest

import explorer

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "hosts"))
import washdev  # noqa: E402

EXAMPLE = washdev.ROOT / "examples" / "explorer" / ".wash" / "config.yaml"


@pytest.fixture(params=washdev.VERSIONS)
def version(request):
    if washdev.command(request.param) is None:
        pytest.skip("wash {} is not there; make wash fetches it".format(request.param))
    return request.param


def check(client, bucket):
    """What is shown is in the files, what is changed gets there, and a foreign name and a forged form get nothing."""
    (bucket / "k").write_text('{"a": 1}')
    assert client.get(bucket="my-bucket").page.keys() == ["k"]
    assert '"a": 1' in client.get(bucket="my-bucket", key="k").page.one("pre", class_="value json")["text"]
    edited = {"text": "two\n", "seen": client.seen("my-bucket", "k")}
    key = {"bucket": "my-bucket", "key": "k"}
    assert client.post("set", edited, {"Origin": "http://evil.example"}, **key).status == 403
    assert client.get("value", {"Host": "evil.example"}, **key).status == 403
    assert client.post("set", edited, **key).status == 303
    assert client.post("set", edited, **key).status == 409
    assert explorer.files(bucket) == {"k": b"two\n"}
    out = client.get("export", bucket="my-bucket")
    assert out.status == 200 and out.body.startswith(b"kv-export 1\n")
    assert client.post("delete", {"seen": client.seen("my-bucket", "k")}, **key).status == 303
    assert explorer.files(bucket) == {}
    assert client.post("import", {"archive": ("a", out.body)}, bucket="my-bucket").status == 303
    assert explorer.files(bucket) == {"k": b"two\n"}


def test_beside(tmp_path, version):
    """The store beside the explorer serves it."""
    bucket = tmp_path / "data" / "my-bucket"
    bucket.mkdir(parents=True)
    port = washdev.free_port()
    washdev.configure(tmp_path, washdev.BUILD / "wasm" / "explorer.component.wasm", port, washdev.beside())
    with washdev.serving(version, tmp_path, port):
        check(explorer.Client(port), bucket)


@pytest.mark.parametrize("version", washdev.VERSIONS[:1], indirect=True)
def test_example(tmp_path, version):
    """The configuration of examples/explorer, but for its port, its paths and the build, shows the data of wash-2."""
    project = tmp_path / "examples" / "explorer"
    bucket = tmp_path / "examples" / "wash-2" / "data" / "my-bucket"
    bucket.mkdir(parents=True)
    (project / ".wash").mkdir(parents=True)
    (tmp_path / "build").symlink_to(washdev.BUILD)
    port = washdev.free_port()
    text = EXAMPLE.read_text()
    for shown, here in (("make -C ../.. build/explorer.wasm", "'true'"), ("127.0.0.1:8001", "127.0.0.1:{}".format(port))):
        assert shown in text
        text = text.replace(shown, here)
    (project / ".wash" / "config.yaml").write_text(text)
    with washdev.serving(version, project, port):
        client = explorer.Client(port)
        check(client, bucket)
        assert client.get().page.link("my-bucket") == "./?bucket=my-bucket"
