"""TLS as it is spoken: what may not be trusted is told from what may, with the likely cure."""

import gc
import re
import warnings
from contextlib import closing
from typing import NamedTuple

import pytest

from genesis_mcp.errors import ConfigError, GenesisError, StoreUnavailable
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores import open_store, tls
from genesis_mcp.stores.clickhouse.faults import BY_TLS as CLICKHOUSE
from genesis_mcp.stores.http.connection import BY_TLS as TEAM
from genesis_mcp.stores.mongodb.connection import BY_TLS as MONGODB
from tests.helpers.certificates import Authority
from tests.helpers.clickhouse import Server
from tests.helpers.mongod import Mongod
from tests.helpers.paths import ROOT
from tests.helpers.team_server import TeamServer
from tests.helpers.tls_front import tls_front

# Connections of drivers and of the front that begin while their end of TLS is taken away.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def nothing_left():
    """What they leave is let go of here, and not during another module's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


OF_THE_DRIVER = re.compile(r"SSL|OpenSSL|_ssl|Errno|urllib3|Exception|127\.0\.0\.1|\.pem|timeout")
"""What a driver says of such faults, and what nobody needs to be told."""


class Place(NamedTuple):
    """A server that speaks no TLS, and how the way to it is configured with TLS and without."""

    peer: tls.Peer
    port: int
    secure_url: str
    plain_url: str
    authority: str = ""
    own: str = ""

    def url(self, port, *, authority=None, own=None, host="127.0.0.1"):
        given = {self.authority: authority, self.own: own}
        options = [f"{option}={file}" for option, file in given.items() if option and file]
        return "&".join([self.secure_url.format(host=host, port=port), *options])

    def plain(self, port):
        return self.plain_url.format(port=port)


QUICK = "serverSelectionTimeoutMS=100"
"""A server that nobody may trust is looked at twice anyway."""


@pytest.fixture(scope="module")
def clickhouse(clickhouse_port):
    Server(clickhouse_port).run("CREATE DATABASE IF NOT EXISTS tls")
    with closing(open_store(Server(clickhouse_port).url(database="tls"))) as store:
        store.ensure_schema()
    place = "{host}:{port}/tls?secure=true"
    plain = "clickhouse://127.0.0.1:{port}/tls"
    options = "ca_cert", "client_cert"
    return Place(CLICKHOUSE, clickhouse_port, f"clickhouse://{place}", plain, *options)


@pytest.fixture(scope="module")
def mongodb(mongod):
    place = f"{{host}}:{{port}}/tls?tls=true&{QUICK}"
    plain = f"mongodb://127.0.0.1:{{port}}/tls?{QUICK}"
    options = "tlsCAFile", "tlsCertificateKeyFile"
    return Place(MONGODB, mongod.port, f"mongodb://{place}", plain, *options)


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    with TeamServer(folder, f"sqlite:///{(folder / 'logs.db').as_posix()}") as server:
        port = int(server.address.rpartition(":")[2])
        yield Place(TEAM, port, "https://{host}:{port}", "http://127.0.0.1:{port}")


@pytest.fixture(params=["clickhouse", "mongodb", "team"])
def place(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority, monkeypatch):
    """The file of the tests' authority, which a team's client is told in its environment."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority.file


def recorded(url):
    """What becomes of a run, and whether it can be read."""
    with closing(open_store(url)) as store:
        [told] = store.insert([make_run({"spec_id": "tls", "exit_code": 0}, recorded_by="tests")])
        if hasattr(store, "answer") and url.startswith("http"):
            assert " run" in store.answer("logs_for_spec", {"spec_id": "tls"})["text"]
        else:
            assert store.fetch([told.run_id])
        return told.status


NO_TLS = (tls.NO_TLS_THERE, tls.BREAKS_OFF)
"""By what a server that wants none does with the first bytes of it."""


def fault(url):
    """The error of a call, whose text is ours alone."""
    with closing(open_store(url)) as store, pytest.raises(GenesisError) as caught:
        store.insert([make_run({"exit_code": 0}, recorded_by="tests")])
    assert not OF_THE_DRIVER.search(str(caught.value).replace("SSL_CERT_FILE", ""))
    return caught.value


def said(text, peer):
    return text.format(**peer._asdict())


def test_a_certificate_of_the_authority_that_is_named_is_trusted(place, authority, trusted):
    with tls_front(place.port, authority.certificate("good")) as port:
        assert recorded(place.url(port, authority=trusted)) == "recorded"
        assert recorded(place.url(port, authority=trusted, host="localhost")) == "recorded"


@pytest.mark.parametrize(
    ("text", "names", "days"),
    [
        (tls.OTHER_NAME, ["logs.example", "192.0.2.1"], {}),
        (tls.EXPIRED, [], {"since_days": -3, "until_days": -1}),
        (tls.NOT_YET, [], {"since_days": 1}),
    ],
    ids=["another name", "expired", "not valid yet"],
)
def test_a_certificate_that_is_not_right(place, authority, trusted, text, names, days):
    with tls_front(place.port, authority.certificate("wrong", *names, **days)) as port:
        error = fault(place.url(port, authority=trusted))
    assert (type(error), str(error)) == (StoreUnavailable, said(text, place.peer))


def test_an_authority_that_is_not_named_or_another_one(
    place, authority, tmp_path, monkeypatch, trusted
):
    other = Authority(tmp_path, "Another authority").file
    with tls_front(place.port, authority.certificate("good")) as port:
        monkeypatch.delenv("SSL_CERT_FILE")
        not_named = fault(place.url(port))
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        another = fault(place.url(port, authority=other))
    assert str(not_named) == str(another) == said(tls.NOT_TRUSTED, place.peer)
    assert place.peer.authority in str(not_named)


def test_tls_to_a_port_without_it_and_none_to_a_port_with_it(place, authority, trusted):
    error = fault(place.url(place.port, authority=trusted))
    assert isinstance(error, StoreUnavailable)
    assert str(error) in [said(text, place.peer) for text in NO_TLS]
    with tls_front(place.port, authority.certificate("good")) as port:
        assert str(fault(place.plain(port))) == tls.hangs_up(place.peer, by_tls=False)


def test_a_certificate_of_the_client_is_shown_where_it_is_wanted(place, authority, trusted):
    own, good = authority.certificate("client", "worker"), authority.certificate("good")
    with tls_front(place.port, good, clients_of=trusted) as port:
        without = str(fault(place.url(port, authority=trusted)))
        assert "a certificate that it knows: check " in without
        assert place.peer.own in without
        if place.own:
            assert recorded(place.url(port, authority=trusted, own=own)) == "recorded"


@pytest.mark.parametrize("text", [None, "no certificate", "-----BEGIN CERTIFICATE-----\nAA\n"])
def test_a_file_of_authorities_that_cannot_be_used(place, tmp_path, text):
    if not place.authority:
        return  # of a file in SSL_CERT_FILE that holds none, OpenSSL trusts nobody: see above
    file = tmp_path / "authorities.pem"
    if text is not None:
        file.write_text(text)
    error = fault(place.url(place.port, authority=file))
    assert (type(error), str(error)) == (ConfigError, said(tls.NO_FILE, place.peer))


def test_a_server_of_ours_by_its_own_tls(authority, trusted, tmp_path):
    key_and_certificate = str(authority.certificate("ours"))
    flags = "--tls-certificate", key_and_certificate, "--tls-key", key_and_certificate
    store = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    with TeamServer(tmp_path, store, *flags) as server:
        assert recorded(server.url) == "recorded"
        plain = server.url.replace("https", "http")
        assert str(fault(plain)) == tls.hangs_up(TEAM, by_tls=False)
        assert recorded(server.url) == "recorded"
        assert "Traceback" not in server.said()


def test_a_mongod_by_its_own_tls(has_mongod, authority, tmp_path):
    own, ca = str(authority.certificate("mongod", "127.0.0.1")), str(authority.file)
    flags = "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", own, "--tlsCAFile", ca
    client = {"tls": True, "tlsCAFile": ca, "tlsCertificateKeyFile": own}
    with Mongod(tmp_path / "mongod", flags=flags, client_options=client) as server:
        url = f"{server.url('genesis')}?{QUICK}"
        secure = f"{url}&tls=true&tlsCAFile={ca}"
        with_own = f"{secure}&tlsCertificateKeyFile={own}"
        assert recorded(with_own) == "recorded"
        by_name = with_own.replace("127.0.0.1", "localhost")
        assert str(fault(by_name)) == said(tls.OTHER_NAME, MONGODB)
        assert str(fault(secure)) == tls.hangs_up(MONGODB, by_tls=True)
        assert str(fault(f"{url}&tls=true")) == said(tls.NOT_TRUSTED, MONGODB)
        assert str(fault(url)) == tls.hangs_up(MONGODB, by_tls=False)


def test_the_document_has_what_is_told():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = [tls.OTHER_NAME, tls.EXPIRED, tls.NOT_YET, tls.NOT_TRUSTED, tls.NO_FILE]
    told += [tls.NO_TLS_THERE, tls.WANTS_CERTIFICATE]
    for sentence in [
        *(said(one, CLICKHOUSE) for one in told),
        tls.hangs_up(CLICKHOUSE, by_tls=False),
    ]:
        assert sentence in page


def test_what_openssl_says_otherwise_is_a_fault_of_tls_as_well():
    told = tls.refusal("[SSL: SSLV3_ALERT_ILLEGAL_PARAMETER] (_ssl.c:1006)", CLICKHOUSE)
    assert str(told) == said(tls.FAILED, CLICKHOUSE)
    required = "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"
    assert str(tls.refusal(required, MONGODB)) == said(tls.WANTS_CERTIFICATE, MONGODB)
    assert tls.refusal("127.0.0.1:27017: [Errno 111] Connection refused", MONGODB) is None
