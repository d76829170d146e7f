// What imapflow sees of an IMAP server: reads a job as JSON from stdin, prints JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const { ImapFlow } = require("imapflow");
const job = JSON.parse(readFileSync(0, "utf8"));
const connect = async () => {
  const client = new ImapFlow({
    host: job.host,
    port: job.port,
    secure: false,
    doSTARTTLS: true,
    qresync: true,
    auth: { user: job.user, pass: job.password },
    tls: { ca: readFileSync(job.authority) },
    logger: false,
  });
  await client.connect();
  return client;
};
const seen = {};
const client = await connect();
const other = await connect();
await client.mailboxCreate("Ärchiv");
seen.folders = (await client.list()).map((folder) => folder.path).sort();
const mailbox = await client.mailboxOpen("INBOX");
seen.exists = mailbox.exists;
seen.sizes = [];
seen.sources = [];
for await (const message of client.fetch("1:*", {
  uid: true,
  flags: true,
  envelope: true,
  bodyStructure: true,
  size: true,
  source: true,
  threadId: true,
})) {
  seen.sizes.push(message.size);
  seen.sources.push(message.source.toString("hex"));
}
seen.search = await client.search({ subject: "interop" }, { uid: true });
const moved = await client.messageMove("1:2", "Ärchiv", { uid: true });
seen.moved = Object.fromEntries(moved.uidMap);
const raw = Buffer.from("Subject: appended\r\n\r\nhello\r\n");
seen.appended = (await client.append("INBOX", raw, ["\\Draft"], new Date("2024-05-06T00:00:00Z"))).uid;
await other.mailboxOpen("INBOX");
const before = (await client.status("INBOX", { highestModseq: true })).highestModseq;
await other.messageFlagsAdd("3", ["\\Seen", "$Done"], { uid: true });
await other.messageDelete("4", { uid: true });
await client.noop();
seen.changed = [];
for await (const message of client.fetch("1:*", { uid: true, flags: true }, { changedSince: before })) {
  seen.changed.push(message.uid);
}
const exists = new Promise((resolve) => client.on("exists", (news) => resolve(news.count)));
const idle = client.idle();
await other.append("INBOX", raw);
seen.idle = await exists;
seen.status = (await other.status("Ärchiv", { messages: true })).messages;
await other.logout();
await client.logout();
await idle;
process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));
