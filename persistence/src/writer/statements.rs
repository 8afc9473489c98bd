//! The writer's statements on Postgres.

use std::sync::LazyLock;

use super::columns;

/// What an append changes of the ticket, if it does: `row` names where that stands.
fn ticket(row: char) -> String {
    format!(
        "
                subject = case when {row}.ticket is null then s.subject else {row}.ticket ->> 'subject' end,
                priority = case when {row}.ticket is null then s.priority else ({row}.ticket ->> 'priority')::smallint end,
                category = case when {row}.ticket is null then s.category else {row}.ticket ->> 'category' end,
                tags = case when {row}.ticket is null then s.tags else {row}.ticket -> 'tags' end,
                snoozed_until_ms = case
                    when {row}.ticket is null then s.snoozed_until_ms else ({row}.ticket ->> 'snoozed_until_ms')::bigint
                    end,
                queued_since_ms = case
                    when {row}.ticket is null then s.queued_since_ms else ({row}.ticket ->> 'queued_since_ms')::bigint
                    end,
                work = case when {row}.ticket is null then s.work else {row}.ticket -> 'work' end"
    )
}

/// One row per entry; what an append changes of its session's row stands in its last entry's row.
///
/// The sessions' rows are locked in the order of their ids, so that two nodes never wait for each other in a
/// circle. A row that another node has just changed is read anew once its lock is had; so `last_seq` is the truth.
/// The look-up of ids sees what was committed before the statement began, and that is enough: when `expected`
/// holds, every earlier entry was.
///
/// The look-up is a subquery and not a join, because a join may be planned as a scan of the whole log. The
/// outcome needs no join with what was updated: the rows are locked, so what they will hold is known.
pub(super) static APPEND: LazyLock<String> = LazyLock::new(|| {
    let (rows, ticket) = (columns::select_many(), ticket('j'));
    format!(
        "
        with locked as materialized (
            select i.*, s.last_seq, s.version, s.customer_unread, s.team_unread
            from (
                {rows}
            ) i
            join sessions s on s.id = i.session_id
            order by s.id
            for update of s
        ),
        looked_up as (
            select l.*, (
                select array[e.seq, e.created_at_ms] from entries e where e.session_id = l.session_id and e.id = l.id
            ) as stored
            from locked l
            -- Else it would be folded into the next step and looked up twice.
            offset 0
        ),
        judged as materialized (
            select *, bool_and(last_seq = expected and stored is null) over (partition by session_id) as fits
            from looked_up
        ),
        inserted as (
            insert into entries
                (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms)
            select session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms
            from judged where fits
        ),
        updated as (
            update sessions s set
                version = j.version + 1,
                status = j.status,
                assignee_id = j.assignee_id,
                {ticket},
                last_seq = j.seq,
                last_message_seq = j.last_message_seq,
                last_message_sender = j.last_message_sender,
                last_message_preview = j.last_message_preview,
                last_message_at_ms = j.last_message_at_ms,
                waiting_since_ms = j.waiting_since_ms,
                updated_at_ms = j.updated_at_ms,
                closed_at_ms = j.closed_at_ms,
                team_read_seq = case when j.closed_at_ms is null then s.team_read_seq else j.seq end,
                customer_unread = case when j.closed_at_ms is null then j.customer_unread + j.customer_added else 0 end,
                team_unread = case when j.closed_at_ms is null then j.team_unread + j.team_added else 0 end
            from judged j
            where s.id = j.session_id and j.fits and j.last
        )
        select session_id, id, last_seq = expected as holds, fits, stored, version + 1 as version,
            case when closed_at_ms is null then customer_unread + customer_added else 0 end as customer_unread,
            case when closed_at_ms is null then team_unread + team_added else 0 end as team_unread
        from judged
        where last or stored is not null"
    )
});

/// Appends of one entry each, as nearly all are, without what only several entries need, and without a word about
/// those that do not apply: [`APPEND`] knows why. The rows are bound in the order of their sessions' ids and found in
/// it one by one, so that locks are taken in that order, too. A row that another node has just changed is looked at
/// again once its lock is had.
///
/// What somebody says is appended behind what others have appended since ([`Append`](crate::Append)). Then the look-up of
/// its id may miss what was committed while this waited for the row; the index on the ids does not.
pub(super) static APPEND_EACH: LazyLock<String> =
    LazyLock::new(|| append_of_one_entry(&columns::select_many()));

/// The same for one append. To make many rows out of arrays costs half as much again as the append itself, and a node
/// with little to do writes one at a time.
pub(super) static APPEND_ONE: LazyLock<String> =
    LazyLock::new(|| append_of_one_entry(&columns::select_one()));

fn append_of_one_entry(rows: &str) -> String {
    let ticket = ticket('i');
    format!(
        "
        with changed as (
            update sessions s set
                version = s.version + 1,
                status = i.status,
                assignee_id = i.assignee_id,
                {ticket},
                last_seq = s.last_seq + 1,
                last_message_seq = case when i.kind = 'message' then s.last_seq + 1 else i.last_message_seq end,
                last_message_sender = i.last_message_sender,
                last_message_preview = i.last_message_preview,
                last_message_at_ms = case
                    when s.last_seq = i.expected then i.last_message_at_ms
                    else greatest(i.created_at_ms, s.updated_at_ms)
                    end,
                waiting_since_ms = case
                    when s.last_seq = i.expected or i.waiting_since_ms is null then i.waiting_since_ms
                    else coalesce(s.waiting_since_ms, greatest(i.created_at_ms, s.updated_at_ms))
                    end,
                updated_at_ms = case
                    when s.last_seq = i.expected then i.updated_at_ms
                    else greatest(i.created_at_ms, s.updated_at_ms)
                    end,
                closed_at_ms = i.closed_at_ms,
                team_read_seq = case when i.closed_at_ms is null then s.team_read_seq else i.seq end,
                customer_unread = case when i.closed_at_ms is null then s.customer_unread + i.customer_added else 0 end,
                team_unread = case when i.closed_at_ms is null then s.team_unread + i.team_added else 0 end
            from ({rows}) i
            where s.id = i.session_id
                and (s.last_seq = i.expected or (s.last_seq > i.expected and i.kind = 'message'
                    and s.status = i.status and s.assignee_id is not distinct from i.assignee_id
                    and s.closed_at_ms is null and i.closed_at_ms is null and s.snoozed_until_ms is null))
                and not exists (select 1 from entries e where e.session_id = i.session_id and e.id = i.id)
            returning i.session_id, i.expected, s.last_seq, i.id, i.kind, i.sender_kind, i.sender_id, i.sender_name,
                i.body, i.event, s.version, s.customer_unread, s.team_unread,
                case when s.last_seq = i.expected + 1 then i.created_at_ms else s.updated_at_ms end as created_at_ms
        ),
        inserted as (
            insert into entries
                (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms)
            select session_id, last_seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms
            from changed
        )
        select session_id, last_seq > expected + 1 as behind, last_seq, created_at_ms, version, customer_unread,
            team_unread
        from changed"
    )
}

/// What was read is taken off the counts: a new count could miss an entry that was committed while this waited for
/// the row, but the entries up to the mark were seen by its reader.
pub(super) const MARK: &str = "
    with locked as materialized (
        select m.session_id, least(m.customer, s.last_seq) as customer, least(m.team, s.last_seq) as team,
            s.last_seq, s.version, s.customer_read_seq, s.team_read_seq, s.customer_unread, s.team_unread
        from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as m (session_id, customer, team)
        join sessions s on s.id = m.session_id
        order by s.id
        for update of s
    ),
    counted as materialized (
        select session_id, version, last_seq,
            customer > customer_read_seq or team > team_read_seq as moved,
            greatest(customer, customer_read_seq) as customer,
            greatest(team, team_read_seq) as team,
            case
                when customer <= customer_read_seq then customer_unread
                when customer = last_seq then 0
                else greatest(0, customer_unread - (
                    select count(*) from entries e
                    where e.session_id = l.session_id and e.seq > l.customer_read_seq and e.seq <= l.customer
                        and e.kind = 'message' and e.sender_kind <> 'customer'))
                end as customer_unread,
            case
                when team <= team_read_seq then team_unread
                when team = last_seq then 0
                else greatest(0, team_unread - (
                    select count(*) from entries e
                    where e.session_id = l.session_id and e.seq > l.team_read_seq and e.seq <= l.team
                        and e.kind = 'message' and e.sender_kind = 'customer'))
                end as team_unread
        from locked l
    ),
    updated as (
        update sessions s set
            version = c.version + 1,
            customer_read_seq = c.customer,
            team_read_seq = c.team,
            customer_unread = c.customer_unread,
            team_unread = c.team_unread
        from counted c
        where s.id = c.session_id and c.moved
    )
    select session_id, case when moved then version + 1 else version end, customer, team, customer_unread, team_unread
    from counted";

/// Whether these entries are where an append would have put them, as it would have, and the session's row. The same
/// id in the same place may be another node's: of the same send, made there too.
pub(super) const RESOLVE: &str = "
    select s.last_seq, s.version, s.customer_unread, s.team_unread, (
        select count(*)
        from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) as i (id, seq, created_at_ms, body)
        where exists (select 1 from entries e where e.session_id = s.id and e.seq = i.seq and e.id = i.id
            and e.created_at_ms = i.created_at_ms and e.body = i.body))
    from sessions s where s.id = $1";
