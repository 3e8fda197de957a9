// As much of mongosh as deploy/mongodb/accounts.js needs: each command is printed as a line of JSON
// and answered as one that was done.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const database = (name) => ({
  getSiblingDB: database,
  runCommand(command) {
    console.log(JSON.stringify([name, command]));
    return { ok: 1, isWritablePrimary: true };
  },
  auth(user) {
    return loggedIn.has(user) || (loggedIn.add(user), false);
  },
});
const loggedIn = new Set();
const globals = { db: database("admin"), process, console, sleep: () => {} };
vm.runInNewContext(readFileSync(process.argv[2], "utf8"), globals);
