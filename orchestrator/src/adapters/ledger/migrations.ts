/**
 * The schema of the ledger, as the list of steps that made it. A step is never changed once it was published; a new one
 * is added. Amounts in wei are decimal text: SQLite's integers end at 2^63. Names and hashes are blobs.
 */

/** Each entry takes the schema from its index to the next version. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE secrets (epoch INTEGER PRIMARY KEY, secret BLOB NOT NULL, createdAt INTEGER NOT NULL);
  CREATE TABLE grants (
    hash BLOB PRIMARY KEY, sender BLOB NOT NULL, key BLOB NOT NULL, spendCap TEXT NOT NULL, validUntil INTEGER NOT NULL,
    salt BLOB NOT NULL, signature BLOB NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE streams (
    streamId BLOB PRIMARY KEY, sender BLOB NOT NULL, serviceId BLOB NOT NULL, grantHash BLOB NOT NULL,
    pricePerMillionPixels TEXT NOT NULL, ladderHash BLOB NOT NULL, credited TEXT NOT NULL, charged TEXT NOT NULL,
    variance TEXT NOT NULL, won TEXT NOT NULL, segments INTEGER NOT NULL, tickets INTEGER NOT NULL,
    openedAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX streamsBySender ON streams (sender);
  CREATE TABLE segments (
    streamId BLOB NOT NULL, seq INTEGER NOT NULL, attempt INTEGER NOT NULL, ticketHash BLOB NOT NULL, key BLOB NOT NULL,
    nonce TEXT NOT NULL, faceValue TEXT NOT NULL, winProb TEXT NOT NULL, value TEXT NOT NULL, estimate TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released')), acceptedAt INTEGER NOT NULL,
    PRIMARY KEY (streamId, seq, attempt)
  ) WITHOUT ROWID;
  CREATE INDEX openSegments ON segments (streamId) WHERE state = 'open';
  CREATE TABLE receipts (
    streamId BLOB NOT NULL, seq INTEGER NOT NULL, attempt INTEGER NOT NULL, receipt TEXT NOT NULL, outputs TEXT NOT NULL,
    issuedAt INTEGER NOT NULL, PRIMARY KEY (streamId, seq, attempt)
  ) WITHOUT ROWID;
  CREATE TABLE nonces (key BLOB PRIMARY KEY, highest TEXT NOT NULL, bits BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE retired (
    randHash BLOB PRIMARY KEY, retireAt INTEGER NOT NULL, validUntil INTEGER NOT NULL, revealed INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX retiredByEnd ON retired (validUntil);
  CREATE TABLE winners (
    ticketHash BLOB PRIMARY KEY, streamId BLOB NOT NULL, sender BLOB NOT NULL, faceValue TEXT NOT NULL,
    ticket TEXT NOT NULL, signature BLOB NOT NULL, recipientRand BLOB NOT NULL, grantHash BLOB NOT NULL,
    wonAt INTEGER NOT NULL, redeemableFrom INTEGER NOT NULL, validUntil INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'submitted', 'confirmed', 'dead')), paid TEXT NOT NULL,
    attempts INTEGER NOT NULL, reason TEXT NOT NULL, nextTryAt INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX winnersByState ON winners (state, wonAt);
  CREATE TABLE transactions (nonce INTEGER PRIMARY KEY, record TEXT NOT NULL);
  CREATE TABLE statements (
    streamId BLOB PRIMARY KEY, statement TEXT NOT NULL, issuedAt INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  // Old tickets are found by their age when they are forgotten.
  `CREATE INDEX segmentsByAge ON segments (acceptedAt);`,
  // Segments can be withheld. SQLite changes no CHECK: the table is made anew.
  `
  ALTER TABLE streams ADD COLUMN withheld TEXT NOT NULL DEFAULT '0';
  ALTER TABLE segments RENAME TO segmentsBefore;
  CREATE TABLE segments (
    streamId BLOB NOT NULL, seq INTEGER NOT NULL, attempt INTEGER NOT NULL, ticketHash BLOB NOT NULL, key BLOB NOT NULL,
    nonce TEXT NOT NULL, faceValue TEXT NOT NULL, winProb TEXT NOT NULL, value TEXT NOT NULL, estimate TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released', 'withheld')), acceptedAt INTEGER NOT NULL,
    PRIMARY KEY (streamId, seq, attempt)
  ) WITHOUT ROWID;
  INSERT INTO segments SELECT * FROM segmentsBefore;
  DROP TABLE segmentsBefore;
  CREATE INDEX openSegments ON segments (streamId) WHERE state = 'open';
  CREATE INDEX segmentsByAge ON segments (acceptedAt);
  `,
  // Grants bound what may burn for their key, streams have a price for the pixels of their source. What was signed before has another
  // hash now: nothing of it can be redeemed or continued.
  `
  ALTER TABLE grants ADD COLUMN escrowCap TEXT NOT NULL DEFAULT '0';
  ALTER TABLE streams ADD COLUMN pricePerMillionInputPixels TEXT NOT NULL DEFAULT '0';
  UPDATE winners SET state = 'dead', reason = 'signed as an earlier type' WHERE state IN ('pending', 'submitted');
  `,
  // What streams leave over goes to the next one of their sender.
  `
  ALTER TABLE streams ADD COLUMN isCarried INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX uncarriedStreams ON streams (sender) WHERE isCarried = 0;
  `,
  // A restored ledger voids what was quoted before; what is forgotten leaves its sums; what is old is found by its age.
  `
  ALTER TABLE secrets ADD COLUMN isVoid INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE past (
    id INTEGER PRIMARY KEY CHECK (id = 1), streams INTEGER NOT NULL, segments INTEGER NOT NULL, tickets INTEGER NOT NULL,
    credited TEXT NOT NULL, charged TEXT NOT NULL, withheld TEXT NOT NULL, variance TEXT NOT NULL, won TEXT NOT NULL, redeemed TEXT NOT NULL
  );
  INSERT INTO past VALUES (1, 0, 0, 0, '0', '0', '0', '0', '0', '0');
  CREATE INDEX streamsByAge ON streams (openedAt);
  CREATE INDEX streamsByGrant ON streams (grantHash);
  CREATE INDEX grantsByKey ON grants (key);
  `,
  // A stream is named by its sender and its id: whoever knows an id takes nothing of its owner's with it. Grants of streams that
  // never paid leave.
  `
  ALTER TABLE streams RENAME TO streamsBefore;
  CREATE TABLE streams (
    streamId BLOB NOT NULL, sender BLOB NOT NULL, serviceId BLOB NOT NULL, grantHash BLOB NOT NULL,
    pricePerMillionPixels TEXT NOT NULL, ladderHash BLOB NOT NULL, credited TEXT NOT NULL, charged TEXT NOT NULL,
    variance TEXT NOT NULL, won TEXT NOT NULL, segments INTEGER NOT NULL, tickets INTEGER NOT NULL,
    openedAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL, withheld TEXT NOT NULL DEFAULT '0',
    pricePerMillionInputPixels TEXT NOT NULL DEFAULT '0', isCarried INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (sender, streamId)
  ) WITHOUT ROWID;
  INSERT INTO streams SELECT streamId, sender, serviceId, grantHash, pricePerMillionPixels, ladderHash, credited, charged, variance, won,
    segments, tickets, openedAt, updatedAt, withheld, pricePerMillionInputPixels, isCarried FROM streamsBefore;
  ALTER TABLE segments RENAME TO segmentsBefore;
  CREATE TABLE segments (
    streamId BLOB NOT NULL, seq INTEGER NOT NULL, attempt INTEGER NOT NULL, ticketHash BLOB NOT NULL, key BLOB NOT NULL,
    nonce TEXT NOT NULL, faceValue TEXT NOT NULL, winProb TEXT NOT NULL, value TEXT NOT NULL, estimate TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released', 'withheld')), acceptedAt INTEGER NOT NULL,
    sender BLOB NOT NULL, PRIMARY KEY (sender, streamId, seq, attempt)
  ) WITHOUT ROWID;
  INSERT INTO segments SELECT b.*, s.sender FROM segmentsBefore b JOIN streamsBefore s ON s.streamId = b.streamId;
  ALTER TABLE receipts RENAME TO receiptsBefore;
  CREATE TABLE receipts (
    streamId BLOB NOT NULL, seq INTEGER NOT NULL, attempt INTEGER NOT NULL, receipt TEXT NOT NULL, outputs TEXT NOT NULL,
    issuedAt INTEGER NOT NULL, sender BLOB NOT NULL, PRIMARY KEY (sender, streamId, seq, attempt)
  ) WITHOUT ROWID;
  INSERT INTO receipts SELECT b.*, s.sender FROM receiptsBefore b JOIN streamsBefore s ON s.streamId = b.streamId;
  ALTER TABLE statements RENAME TO statementsBefore;
  CREATE TABLE statements (
    sender BLOB NOT NULL, streamId BLOB NOT NULL, statement TEXT NOT NULL, issuedAt INTEGER NOT NULL, PRIMARY KEY (sender, streamId)
  ) WITHOUT ROWID;
  INSERT INTO statements SELECT s.sender, b.* FROM statementsBefore b JOIN streamsBefore s ON s.streamId = b.streamId;
  DROP TABLE statementsBefore;
  DROP TABLE receiptsBefore;
  DROP TABLE segmentsBefore;
  DROP TABLE streamsBefore;
  CREATE INDEX streamsById ON streams (streamId);
  CREATE INDEX uncarriedStreams ON streams (sender) WHERE isCarried = 0;
  CREATE INDEX streamsByAge ON streams (openedAt);
  CREATE INDEX streamsByGrant ON streams (grantHash);
  CREATE INDEX openSegments ON segments (sender, streamId) WHERE state = 'open';
  CREATE INDEX segmentsByAge ON segments (acceptedAt);
  DELETE FROM grants WHERE NOT EXISTS (SELECT 1 FROM streams s WHERE s.grantHash = grants.hash)
    AND NOT EXISTS (SELECT 1 FROM winners w WHERE w.state IN ('pending', 'submitted') AND w.grantHash = grants.hash);
  `,
  // What was charged on each day, and what a person changed.
  `
  CREATE TABLE days (day INTEGER PRIMARY KEY, segments INTEGER NOT NULL, fees TEXT NOT NULL);
  CREATE TABLE audits (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL);
  `,
  // A public pool: its members, what they made, and how they were paid.
  `
  CREATE TABLE members (member TEXT PRIMARY KEY, record TEXT NOT NULL);
  CREATE TABLE work (
    member TEXT NOT NULL, streamId TEXT NOT NULL, seq INTEGER NOT NULL, pixels TEXT NOT NULL, earned TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unchecked', 'passed', 'failed')), at INTEGER NOT NULL, PRIMARY KEY (member, streamId, seq)
  ) WITHOUT ROWID;
  CREATE INDEX workByAge ON work (at);
  CREATE TABLE payouts (
    member TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('sent', 'paid', 'failed')), at INTEGER NOT NULL,
    record TEXT NOT NULL, PRIMARY KEY (member, number)
  );
  CREATE UNIQUE INDEX onePayoutUnderWay ON payouts (member) WHERE state = 'sent';
  `,
]
