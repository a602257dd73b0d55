-- The invented practice's own tables, as a small practice would keep them, and the view an adopter writes on top.
create table clinics (id text primary key, name text not null, npi text not null);
create table payers (id text primary key, name text not null, filing text not null);
create table providers (
    id integer primary key, last_name text not null, first_name text not null, npi text not null, taxonomy text
);
create table physicians (id integer primary key, last_name text not null, first_name text not null, npi text not null);
create table clients (
    id integer primary key, clinic_id text not null references clinics, last_name text, first_name text,
    birth_date text, sex text, street text, city text, state text, zip text, physician_id integer references physicians
);
create table policies (
    id integer primary key, client_id integer not null references clients, payer_id text not null references payers,
    member_id text, group_number text, relationship text not null, holder_last_name text, holder_first_name text,
    holder_birth_date text, holder_sex text
);
create table claims (
    id integer primary key, claim_no text not null unique, clinic_id text not null references clinics,
    policy_id integer not null references policies, provider_id integer not null references providers,
    place text not null, diagnosis_1 text, diagnosis_2 text, authorization_no text, total_cents integer not null,
    session_count integer not null, released_at text not null, status text not null
);
create table sessions (
    id integer primary key, claim_id integer not null references claims, day text not null, code text not null,
    modifier text, cents integer not null, units integer not null, pointers text not null, started text, ended text,
    minutes integer, technician text, credential text
);
create index sessions_by_claim on sessions (claim_id);
create index claims_by_clinic on claims (clinic_id, claim_no);

create view pending_claim_lines as
select
    claims.clinic_id as clinic_key,
    claims.claim_no as source_claim_key,
    'P-' || clients.id as patient_key,
    claims.status = 'cancelled' as cancelled,
    claims.session_count as line_count,
    printf('%d.%02d', claims.total_cents / 100, claims.total_cents % 100) as claim_total,
    claims.released_at as ready_at,
    clinics.npi as billing_npi,
    payers.id as payer_id,
    payers.name as payer_name,
    payers.filing as filing_indicator,
    claims.place as place_of_service,
    claims.diagnosis_1,
    claims.diagnosis_2,
    claims.authorization_no as prior_authorization,
    policies.relationship as patient_relationship,
    policies.member_id as subscriber_member_id,
    policies.group_number,
    policies.holder_last_name as subscriber_last_name,
    policies.holder_first_name as subscriber_first_name,
    policies.holder_birth_date as subscriber_birth_date,
    policies.holder_sex as subscriber_sex,
    clients.street as subscriber_street,
    clients.city as subscriber_city,
    clients.state as subscriber_state,
    clients.zip as subscriber_postal_code,
    clients.last_name as patient_last_name,
    clients.first_name as patient_first_name,
    clients.birth_date as patient_birth_date,
    clients.sex as patient_sex,
    clients.street as patient_street,
    clients.city as patient_city,
    clients.state as patient_state,
    clients.zip as patient_postal_code,
    providers.last_name as rendering_last_name,
    providers.first_name as rendering_first_name,
    providers.npi as rendering_npi,
    providers.taxonomy as rendering_taxonomy,
    physicians.last_name as referring_last_name,
    physicians.first_name as referring_first_name,
    physicians.npi as referring_npi,
    'S-' || sessions.id as source_line_key,
    sessions.day as service_date,
    sessions.code as procedure,
    sessions.modifier as modifier_1,
    printf('%d.%02d', sessions.cents / 100, sessions.cents % 100) as charge,
    sessions.units,
    sessions.pointers as diagnosis_pointers,
    'S-' || sessions.id as session_id,
    sessions.started as started_at,
    sessions.ended as ended_at,
    sessions.minutes,
    sessions.technician as technician_id,
    sessions.credential as technician_credential,
    'A-' || providers.id as supervisor_id,
    'BCBA' as supervisor_credential,
    providers.npi as supervisor_npi
from claims
join clinics on clinics.id = claims.clinic_id
join policies on policies.id = claims.policy_id
join payers on payers.id = policies.payer_id
join clients on clients.id = policies.client_id
left join physicians on physicians.id = clients.physician_id
join providers on providers.id = claims.provider_id
join sessions on sessions.claim_id = claims.id
where claims.status in ('released', 'cancelled');

create view authorizations as
select
    claim_no as source_claim_key,
    authorization_no as authorization_number,
    520 as units,
    date(released_at, '-60 days') as starts_on,
    date(released_at, '+120 days') as ends_on
from claims;
