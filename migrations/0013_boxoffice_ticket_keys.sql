-- A ticket is named by its number within its order; that is what its code says, too. Its id is found through its event, which every
-- index look-up of the door knows by then. Two indexes less, and nothing reads them: each cost about a quarter of writing a ticket.
-- That no id comes twice, the invariants look for (crates/testkit/invariants.sql, I-27c).
alter table boxoffice.ticket drop constraint ticket_pkey;
alter table boxoffice.ticket drop constraint ticket_number_is_unique;
alter table boxoffice.ticket add constraint ticket_pkey primary key (organisation_id, order_id, number);
