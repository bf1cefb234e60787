import { useQuery } from "@tanstack/react-query";
import { Mail, UserPlus } from "lucide-react";
import { useState } from "react";
import { call } from "~/core/api";
import { may, ROLES } from "~/core/rights";
import type { Member, Membership, Role } from "~/core/types";
import { useAction } from "../features/action";
import { invitationsQuery, membersQuery, organisationPath } from "../features/queries";
import { meQuery, useOrganisation } from "../features/session";
import { useTitle } from "../features/use-title";
import { Form, SelectField, TextField } from "../ui/field";
import { Dialog } from "../ui/overlay";
import { Empty, Loaded } from "../ui/states";

const nameOf = (role: Role) => ROLES.find((one) => one.value === role)?.name ?? role;

/** Only an owner makes or changes owners. */
const offered = (own: Role) => ROLES.filter((role) => own === "owner" || role.value !== "owner");

function MemberRow({ member, organisation }: { member: Member; organisation: Membership }) {
  const me = useQuery(meQuery).data;
  const path = `${organisationPath(organisation.id)}/members/${member.account_id}`;
  const refresh = [["members", organisation.id]];
  const [isLeaving, setLeaving] = useState(false);
  const change = useAction({
    says: "Role changed.",
    refresh,
    run: (role: string) => call(path, { method: "PATCH", json: { role } }),
  });
  const remove = useAction({
    says: "Removed from the team.",
    refresh,
    run: (_: string) => call(path, { method: "DELETE" }),
    onDone: () => setLeaving(false),
  });
  const isSelf = me?.id === member.account_id;
  const canTouch =
    may(organisation.role, "manage_members") && !isSelf && (organisation.role === "owner" || member.role !== "owner");
  return (
    <li className="row-item flex-wrap">
      <span className="avatar" aria-hidden="true">
        {(member.name || member.email).slice(0, 1).toUpperCase()}
      </span>
      <div className="grow">
        <p className="strong truncate">
          {member.name || member.email} {isSelf ? <span className="faint">(you)</span> : null}
        </p>
        <p className="small faint truncate">{member.email}</p>
      </div>
      {canTouch ? (
        <div className="cluster w-full sm:w-auto">
          <select
            className="input flex-1 sm:w-36"
            aria-label={`Role of ${member.email}`}
            value={member.role}
            onChange={(event) => change.start(event.target.value)}
          >
            {offered(organisation.role).map((role) => (
              <option key={role.value} value={role.value}>
                {role.name}
              </option>
            ))}
          </select>
          <button type="button" className="btn btn-ghost btn-sm" onClick={() => setLeaving(true)}>
            Remove
          </button>
        </div>
      ) : (
        <span className="badge">{nameOf(member.role)}</span>
      )}
      <Dialog
        open={isLeaving}
        title={`Remove ${member.name || member.email}?`}
        onClose={() => setLeaving(false)}
        foot={
          <button
            type="button"
            className="btn btn-danger"
            aria-busy={remove.isBusy}
            onClick={() => remove.start(member.account_id)}
          >
            Remove from team
          </button>
        }
      >
        <p>They lose access to {organisation.name} at once. You can invite them again later.</p>
      </Dialog>
    </li>
  );
}

function InviteDialog({ organisation, onClose }: { organisation: Membership; onClose: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("manager");
  const invite = useAction({
    isForm: true,
    says: "Invitation sent.",
    refresh: [["invitations", organisation.id]],
    run: (json: { email: string; role: Role }, idempotencyKey) =>
      call(`${organisationPath(organisation.id)}/invitations`, { method: "POST", json, idempotencyKey }),
    onDone: onClose,
  });
  return (
    <Dialog
      open
      title="Invite to the team"
      onClose={onClose}
      foot={
        <button type="submit" form="invite" className="btn btn-primary" aria-busy={invite.isBusy}>
          Send invitation
        </button>
      }
    >
      <Form
        id="invite"
        problem={invite.problem}
        fields={["email", "role"]}
        onSubmit={() => invite.start({ email: email.trim(), role })}
      >
        <TextField
          label="E-mail"
          name="email"
          type="email"
          required
          autoComplete="off"
          value={email}
          onText={setEmail}
        />
        <SelectField
          label="Role"
          name="role"
          value={role}
          hint={ROLES.find((one) => one.value === role)?.note}
          onText={(next) => setRole(ROLES.find((one) => one.value === next)?.value ?? "viewer")}
        >
          {offered(organisation.role).map((one) => (
            <option key={one.value} value={one.value}>
              {one.name}
            </option>
          ))}
        </SelectField>
      </Form>
    </Dialog>
  );
}

function Invitations({ organisation }: { organisation: Membership }) {
  const query = useQuery(invitationsQuery(organisation.id));
  const withdraw = useAction({
    says: "Invitation withdrawn.",
    refresh: [["invitations", organisation.id]],
    run: (id: string) => call(`${organisationPath(organisation.id)}/invitations/${id}`, { method: "DELETE" }),
  });
  return (
    <section className="card" aria-label="Invitations">
      <header className="card-head">
        <h2 className="h3">Invitations</h2>
      </header>
      <Loaded query={query}>
        {(invitations) =>
          invitations.length === 0 ? (
            <Empty icon={Mail} title="No open invitations" />
          ) : (
            <ul className="row-list">
              {invitations.map((one) => (
                <li key={one.id} className="row-item">
                  <span className="grow truncate">{one.email}</span>
                  <span className="badge">{nameOf(one.role)}</span>
                  <button type="button" className="btn btn-ghost btn-sm" onClick={() => withdraw.start(one.id)}>
                    Withdraw
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function Team({ organisation }: { organisation: Membership }) {
  const query = useQuery(membersQuery(organisation.id));
  const [isInviting, setInviting] = useState(false);
  const canManage = may(organisation.role, "manage_members");
  return (
    <div className="content content-form">
      <div className="content-head">
        <h1 className="page-title">Team</h1>
        {canManage ? (
          <button type="button" className="btn btn-primary" onClick={() => setInviting(true)}>
            <UserPlus aria-hidden="true" /> Invite
          </button>
        ) : null}
      </div>
      <section className="card" aria-label="Members">
        <Loaded query={query}>
          {(members) => (
            <ul className="row-list">
              {members.map((member) => (
                <MemberRow key={member.account_id} member={member} organisation={organisation} />
              ))}
            </ul>
          )}
        </Loaded>
      </section>
      {canManage ? <Invitations organisation={organisation} /> : null}
      <section className="card" aria-label="Roles">
        <header className="card-head">
          <h2 className="h3">Roles</h2>
        </header>
        <dl className="dl card-body">
          {ROLES.map((role) => (
            <div key={role.value} className="contents">
              <dt className="strong">{role.name}</dt>
              <dd className="muted">{role.note}</dd>
            </div>
          ))}
        </dl>
      </section>
      {isInviting ? <InviteDialog organisation={organisation} onClose={() => setInviting(false)} /> : null}
    </div>
  );
}

export function MembersPage() {
  useTitle("Team");
  const organisation = useOrganisation();
  return organisation ? <Team key={organisation.id} organisation={organisation} /> : null;
}
