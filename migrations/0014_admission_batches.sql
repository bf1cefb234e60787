-- What a batch of scans needs. A foreign key here costs a query for every row, as in the box office (0008): lists and devices are never deleted, and
-- the scan of an admission is written by the same transaction. The invariants look for orphans instead (crates/testkit/invariants.sql, I-27d).
alter table admission.scan drop constraint scan_list;
alter table admission.scan drop constraint scan_device;
alter table admission.admitted drop constraint admitted_scan;
