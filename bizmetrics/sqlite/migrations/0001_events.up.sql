-- Events as they came, each beside its effect on figures. id is the order of arrival.
CREATE TABLE events (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL, -- µs since 1970
  kind     INTEGER NOT NULL,
  status   TEXT    NOT NULL,
  method   TEXT    NOT NULL,
  supplier TEXT    NOT NULL,
  customer TEXT    NOT NULL,
  currency TEXT    NOT NULL,
  tenant   TEXT    NOT NULL,
  amount   INTEGER NOT NULL, -- minor units of the currency of the reports; what is taken off is negative
  after    INTEGER NOT NULL, -- ns
  hash     INTEGER NOT NULL, -- of the key
  unit     INTEGER NOT NULL, -- hash of the order; 0: none
  data     BLOB    NOT NULL
) STRICT;
CREATE INDEX events_at ON events (at, kind);

-- Which events have a hash or a unit: sorted pages of (hash, id), 16 bytes each, and what tells
-- without reading them that a hash is not there. Events behind last_id are not in it yet.
CREATE TABLE segments (
  list    INTEGER NOT NULL, -- 0: by hash, 1: by unit
  number  INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  fences  BLOB    NOT NULL, -- the first hash of each page, 8 bytes each
  filter  BLOB    NOT NULL,
  PRIMARY KEY (list, number)
) STRICT;
CREATE TABLE pages (
  id   INTEGER PRIMARY KEY, -- list, number of the segment, number of the page: see index.go
  data BLOB NOT NULL
) STRICT;

-- What is added up. amount_hi * 2^32 + amount_lo is a sum.
CREATE TABLE totals (
  grain INTEGER NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL,
  supplier TEXT NOT NULL, status TEXT NOT NULL, method TEXT NOT NULL, currency TEXT NOT NULL, tenant TEXT NOT NULL,
  n INTEGER NOT NULL, amount_hi INTEGER NOT NULL, amount_lo INTEGER NOT NULL, after_hi INTEGER NOT NULL, after_lo INTEGER NOT NULL,
  PRIMARY KEY (grain, kind, start, supplier, status, method, currency, tenant)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_values (
  scope TEXT NOT NULL, month INTEGER NOT NULL, level INTEGER NOT NULL, value INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (scope, month, level, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_days (
  scope TEXT NOT NULL, day INTEGER NOT NULL, topic TEXT NOT NULL, account TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (scope, day, topic, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  account TEXT NOT NULL PRIMARY KEY,
  lasts BLOB NOT NULL -- by scope and topic: see lasts.go of sqlstore
) STRICT, WITHOUT ROWID;

CREATE TABLE user_counts (
  scope TEXT NOT NULL, day INTEGER NOT NULL, topic TEXT NOT NULL,
  seen INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (scope, day, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
  customer TEXT NOT NULL PRIMARY KEY,
  first_at INTEGER NOT NULL,
  lasts BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE customer_months (
  scope TEXT NOT NULL, month INTEGER NOT NULL, customer TEXT NOT NULL,
  placed INTEGER NOT NULL, placed_hi INTEGER NOT NULL, placed_lo INTEGER NOT NULL,
  refund INTEGER NOT NULL, refund_hi INTEGER NOT NULL, refund_lo INTEGER NOT NULL,
  cancelled INTEGER NOT NULL, cancelled_hi INTEGER NOT NULL, cancelled_lo INTEGER NOT NULL,
  goods INTEGER NOT NULL, goods_hi INTEGER NOT NULL, goods_lo INTEGER NOT NULL,
  commission INTEGER NOT NULL, commission_hi INTEGER NOT NULL, commission_lo INTEGER NOT NULL,
  PRIMARY KEY (scope, month, customer)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort_months (
  scope TEXT NOT NULL, month INTEGER NOT NULL, cohort INTEGER NOT NULL,
  customers INTEGER NOT NULL, returning_customers INTEGER NOT NULL, last INTEGER NOT NULL,
  placed INTEGER NOT NULL, placed_hi INTEGER NOT NULL, placed_lo INTEGER NOT NULL,
  refund INTEGER NOT NULL, refund_hi INTEGER NOT NULL, refund_lo INTEGER NOT NULL,
  cancelled INTEGER NOT NULL, cancelled_hi INTEGER NOT NULL, cancelled_lo INTEGER NOT NULL,
  goods INTEGER NOT NULL, goods_hi INTEGER NOT NULL, goods_lo INTEGER NOT NULL,
  commission INTEGER NOT NULL, commission_hi INTEGER NOT NULL, commission_lo INTEGER NOT NULL,
  PRIMARY KEY (scope, month, cohort)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
