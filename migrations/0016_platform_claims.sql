-- Which claim a key belongs to. Only whoever made the claim knows its id, and finds its own row when the answer of the commit was lost.
alter table platform.idempotency add column claim uuid;
