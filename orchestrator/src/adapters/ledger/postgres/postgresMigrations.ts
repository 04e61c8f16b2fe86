/**
 * The schema of the ledger in PostgreSQL, as the list of steps that made it; a step is never changed once it was published. Tables
 * and columns are those of the ledger in SQLite, in their order, so that rows are written and read alike; what is more belongs to
 * several processes sharing it:
 *
 * - `processes`: who lives. A process renews its one row, and counts its commits there: that is the fence of each commit, and tells
 *   whether one was made whose answer was lost. Whoever finds that a process did not renew its row deletes it, and its leases with it.
 * - `leases`: what a process owns alone: senders, session keys, the redeemer's work.
 * - `xid`: the transaction that wrote a row last, by which others find what is new.
 */

/** Each entry takes the schema from its index to the next version. */
export const postgresMigrations: readonly string[] = [
  `
  CREATE TABLE processes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL, commits BIGINT NOT NULL DEFAULT 0, expires TIMESTAMPTZ NOT NULL
  );
  CREATE TABLE leases (name TEXT PRIMARY KEY, process BIGINT NOT NULL REFERENCES processes ON DELETE CASCADE);
  CREATE INDEX "leasesByProcess" ON leases (process);
  CREATE TABLE secrets (
    epoch BIGINT PRIMARY KEY, secret BYTEA NOT NULL, "createdAt" BIGINT NOT NULL, "isVoid" BIGINT NOT NULL,
    xid XID8 NOT NULL DEFAULT pg_current_xact_id()
  );
  CREATE TABLE grants (
    hash BYTEA PRIMARY KEY, sender BYTEA NOT NULL, key BYTEA NOT NULL, "spendCap" TEXT NOT NULL, "validUntil" BIGINT NOT NULL,
    salt BYTEA NOT NULL, signature BYTEA NOT NULL, "escrowCap" TEXT NOT NULL
  );
  CREATE INDEX "grantsBySender" ON grants (sender);
  CREATE INDEX "grantsByKey" ON grants (key);
  CREATE TABLE streams (
    "streamId" BYTEA NOT NULL, sender BYTEA NOT NULL, "serviceId" BYTEA NOT NULL, "grantHash" BYTEA NOT NULL,
    "pricePerMillionPixels" TEXT NOT NULL, "ladderHash" BYTEA NOT NULL, credited TEXT NOT NULL, charged TEXT NOT NULL,
    variance TEXT NOT NULL, won TEXT NOT NULL, segments BIGINT NOT NULL, tickets BIGINT NOT NULL,
    "openedAt" BIGINT NOT NULL, "updatedAt" BIGINT NOT NULL, withheld TEXT NOT NULL,
    "pricePerMillionInputPixels" TEXT NOT NULL, "isCarried" BIGINT NOT NULL,
    PRIMARY KEY (sender, "streamId")
  ) WITH (fillfactor = 70);
  CREATE INDEX "streamsByAge" ON streams ("openedAt");
  CREATE INDEX "streamsByGrant" ON streams ("grantHash");
  CREATE TABLE segments (
    "streamId" BYTEA NOT NULL, seq BIGINT NOT NULL, attempt BIGINT NOT NULL, "ticketHash" BYTEA NOT NULL, key BYTEA NOT NULL,
    nonce TEXT NOT NULL, "faceValue" TEXT NOT NULL, "winProb" TEXT NOT NULL, value TEXT NOT NULL, estimate TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released', 'withheld')), "acceptedAt" BIGINT NOT NULL,
    sender BYTEA NOT NULL, PRIMARY KEY (sender, "streamId", seq, attempt)
  ) WITH (fillfactor = 70);
  CREATE INDEX "segmentsOfSender" ON segments (sender, "acceptedAt");
  CREATE INDEX "segmentsByAge" ON segments USING brin ("acceptedAt");
  CREATE TABLE receipts (
    "streamId" BYTEA NOT NULL, seq BIGINT NOT NULL, attempt BIGINT NOT NULL, receipt TEXT NOT NULL, outputs TEXT NOT NULL,
    "issuedAt" BIGINT NOT NULL, sender BYTEA NOT NULL, PRIMARY KEY (sender, "streamId", seq, attempt)
  );
  CREATE TABLE nonces (key BYTEA PRIMARY KEY, highest TEXT NOT NULL, bits BYTEA NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE retired (
    "randHash" BYTEA PRIMARY KEY, "retireAt" BIGINT NOT NULL, "validUntil" BIGINT NOT NULL, revealed BIGINT NOT NULL,
    xid XID8 NOT NULL DEFAULT pg_current_xact_id()
  );
  CREATE INDEX "retiredByEnd" ON retired ("validUntil");
  CREATE INDEX "retiredByChange" ON retired (xid);
  CREATE TABLE winners (
    "ticketHash" BYTEA PRIMARY KEY, "streamId" BYTEA NOT NULL, sender BYTEA NOT NULL, "faceValue" TEXT NOT NULL,
    ticket TEXT NOT NULL, signature BYTEA NOT NULL, "recipientRand" BYTEA NOT NULL, "grantHash" BYTEA NOT NULL,
    "wonAt" BIGINT NOT NULL, "redeemableFrom" BIGINT NOT NULL, "validUntil" BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'submitted', 'confirmed', 'dead')), paid TEXT NOT NULL,
    attempts BIGINT NOT NULL, reason TEXT NOT NULL, "nextTryAt" BIGINT NOT NULL,
    xid XID8 NOT NULL DEFAULT pg_current_xact_id()
  );
  CREATE INDEX "winnersByState" ON winners (state, "wonAt");
  CREATE INDEX "winnersOfSender" ON winners (sender);
  CREATE INDEX "winnersByChange" ON winners (xid);
  CREATE TABLE transactions (nonce BIGINT PRIMARY KEY, record TEXT NOT NULL);
  CREATE TABLE statements (
    sender BYTEA NOT NULL, "streamId" BYTEA NOT NULL, statement TEXT NOT NULL, "issuedAt" BIGINT NOT NULL, PRIMARY KEY (sender, "streamId")
  );
  CREATE TABLE past (
    id BIGINT PRIMARY KEY CHECK (id = 1), streams BIGINT NOT NULL, segments BIGINT NOT NULL, tickets BIGINT NOT NULL,
    credited TEXT NOT NULL, charged TEXT NOT NULL, withheld TEXT NOT NULL, variance TEXT NOT NULL, won TEXT NOT NULL, redeemed TEXT NOT NULL
  );
  INSERT INTO past VALUES (1, 0, 0, 0, '0', '0', '0', '0', '0', '0');
  -- One row for each process, so that processes do not wait for each other's.
  CREATE TABLE days (day BIGINT NOT NULL, process BIGINT NOT NULL, segments BIGINT NOT NULL, fees TEXT NOT NULL, PRIMARY KEY (day, process));
  CREATE TABLE audits (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, what TEXT NOT NULL);
  `,
  // Where a process alone is found.
  'ALTER TABLE processes ADD COLUMN url TEXT',
  // A public pool: its members, what they made, and how they were paid.
  `
  CREATE TABLE members (member TEXT PRIMARY KEY, record TEXT NOT NULL);
  CREATE TABLE work (
    member TEXT NOT NULL, "streamId" TEXT NOT NULL, seq BIGINT NOT NULL, pixels TEXT NOT NULL, earned TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unchecked', 'passed', 'failed')), at BIGINT NOT NULL, PRIMARY KEY (member, "streamId", seq)
  );
  CREATE INDEX "workByAge" ON work (at);
  CREATE TABLE payouts (
    member TEXT NOT NULL, number BIGINT NOT NULL, state TEXT NOT NULL CHECK (state IN ('sent', 'paid', 'failed')), at BIGINT NOT NULL,
    record TEXT NOT NULL, PRIMARY KEY (member, number)
  );
  CREATE UNIQUE INDEX "onePayoutUnderWay" ON payouts (member) WHERE state = 'sent';
  `,
]
