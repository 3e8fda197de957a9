"""A replica set of three real mongods, whose primary changes when it is told to."""

from contextlib import suppress

from tests.helpers.mongod import Mongod
from tests.helpers.waiting import until

MEMBERS = 3
ELECTION_MS = 2_000
"""Without a word of the primary the others elect another after this time; MongoDB's own default is
10 seconds."""

STEP_DOWN_SECONDS = 20
"""For so long who stepped down may not be elected again."""


class ReplicaSet:
    """Three processes on the loopback; `election_ms` is the set's electionTimeoutMillis."""

    def __init__(self, folder, *, election_ms=ELECTION_MS):
        flags = ("--replSet", "set", "--oplogSize", "64")
        self.members = [Mongod(folder / f"member-{n}", flags=flags) for n in range(MEMBERS)]
        self.election_ms = election_ms

    def __enter__(self):
        try:
            for member in self.members:
                member.start()
            self._initiate()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.kill()

    def _initiate(self):
        config = {
            "_id": "set",
            "members": [{"_id": n, "host": one.address} for n, one in enumerate(self.members)],
            "settings": {"electionTimeoutMillis": self.election_ms},
        }
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", config)
        until(self.is_whole, "the set has not come together")

    def url(self, database, **options):
        """The address of all members, as a user configures it."""
        hosts = ",".join(member.address for member in self.members)
        options = {"replicaSet": "set", **options}
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"mongodb://{hosts}/{database}?{query}"

    def is_whole(self):
        """Whether there is a primary that the majority knows, and all others follow it."""
        states = [self._state(member) for member in self.members]
        return sorted(states) == ["primary", "secondary", "secondary"]

    def primary(self):
        """The member that takes what is written now; None while there is none."""
        return next((one for one in self.members if self._state(one) == "primary"), None)

    @staticmethod
    def _state(member):
        from pymongo.errors import PyMongoError

        if member.process is None or member.process.poll() is not None:
            return "down"
        with suppress(PyMongoError), member.client() as client:
            told = client.admin.command("hello")
            named = {"isWritablePrimary": "primary", "secondary": "secondary"}
            return next((named[name] for name in named if told.get(name)), "neither")
        return "down"

    def step_down(self):
        """Have the primary hand over, as for an upgrade."""
        from pymongo.errors import AutoReconnect

        with suppress(AutoReconnect), self.primary().client() as client:
            client.admin.command("replSetStepDown", STEP_DOWN_SECONDS)

    def kill_primary(self):
        """As a power cut would; the member that is gone."""
        member = self.primary()
        member.kill()
        return member
