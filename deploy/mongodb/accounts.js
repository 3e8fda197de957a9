// Begins the replica set and makes the accounts of docs/mongodb.md; may run again. For mongosh.
const administrator = process.env.GENESIS_ADMINISTRATOR_PASSWORD;
const admin = db.getSiblingDB("admin");
const genesis = db.getSiblingDB("genesis");
const ALREADY = [23, 51002, 51003]; // initialized already; a role, an account of that name

function run(database, command) {
  let done;
  try {
    done = database.runCommand(command);
  } catch (error) {
    done = { ok: 0, code: error.code, errmsg: error.message };
  }
  if (!done.ok && !ALREADY.includes(done.code)) {
    throw new Error(`${Object.keys(command)[0]}: ${done.errmsg}`);
  }
}

function isLoggedIn() {
  try {
    return Boolean(admin.auth("administrator", administrator));
  } catch {
    return false; // nobody made it yet
  }
}

if (!isLoggedIn()) {
  const members = ["mongodb-1", "mongodb-2", "mongodb-3"];
  run(admin, {
    replSetInitiate: {
      _id: "genesis",
      members: members.map((name, number) => ({ _id: number, host: `${name}:27017` })),
    },
  });
  while (!admin.runCommand({ hello: 1 }).isWritablePrimary) sleep(500);
  run(admin, { createUser: "administrator", pwd: administrator, roles: ["root"] });
  isLoggedIn();
}

run(genesis, { createUser: "genesis-reader", pwd: process.env.GENESIS_READER_PASSWORD, roles: ["read"] });
run(genesis, {
  createRole: "genesisWriter",
  roles: [],
  privileges: [{ resource: { db: "genesis", collection: "logs" }, actions: ["insert"] }],
});
run(genesis, {
  createRole: "genesisCounter",
  roles: [],
  privileges: [
    { resource: { db: "genesis", collection: "logs_iterations" }, actions: ["find", "insert", "update"] },
  ],
});
run(genesis, {
  createUser: "genesis-writer",
  pwd: process.env.GENESIS_WRITER_PASSWORD,
  roles: ["genesisWriter", "genesisCounter", "read"],
});
run(genesis, {
  createRole: "genesisKeeper",
  roles: ["read"],
  privileges: [
    {
      resource: { db: "genesis", collection: "logs" },
      actions: ["createCollection", "createIndex", "collMod", "remove"],
    },
    { resource: { db: "genesis", collection: "logs_iterations" }, actions: ["remove"] },
  ],
});
run(genesis, { createUser: "genesis-keeper", pwd: process.env.GENESIS_KEEPER_PASSWORD, roles: ["genesisKeeper"] });
