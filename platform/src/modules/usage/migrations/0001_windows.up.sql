-- target: control
-- What each window of a rate limit has used, by all processes. A row that is not used any more is deleted within minutes.

create table rate_windows (
  -- Tenant, who, class: text, so that taking permits needs no look into any other table.
  name text primary key check (length(name) <= 200),
  -- Slices since 1970 by this server's clock.
  slice bigint not null,
  -- Permits taken in that slice and in each of the 120 before it, the newest first.
  taken int[] not null check (array_length(taken, 1) = 121)
) with (fillfactor = 50);
alter table rate_windows enable row level security, force row level security;
create policy control_keeps on rate_windows to tenantry_control using (true) with check (true);
grant select, insert, update, delete on rate_windows to tenantry_control;

-- Takes permits from windows of 120 slices, as far as their limits allow; answers in the order of the names, which must be
-- the same in all callers, so that none waits for another who waits for it.
create function take_permits(names text[], wanted int[], limits int[], slice_ms int)
returns table (granted int, used int, frees_in_ms int)
language plpgsql set search_path = control, pg_temp as $$
declare
  kept constant int := 121;
  w rate_windows;
  now_ms bigint;
  newest bigint;
  passed int;
  oldest int;
begin
  for each in 1 .. cardinality(names) loop
    loop
      select * into w from rate_windows r where r.name = names[each] for update;
      exit when found;
      insert into rate_windows values (names[each], 0, array_fill(0, array[kept])) on conflict do nothing;
    end loop;
    -- Read once the row is ours: whoever had it before us has counted into a slice that is not after this one.
    now_ms := extract(epoch from clock_timestamp()) * 1000;
    newest := now_ms / slice_ms;
    -- Where the clock has gone back, what is counted is as old as it was then.
    passed := least(greatest(newest - w.slice, 0), kept);
    w.taken := (array_fill(0, array[passed]) || w.taken)[1:kept];
    select coalesce(sum(t), 0) into used from unnest(w.taken) t;
    granted := least(wanted[each], greatest(limits[each] - used, 0));
    w.taken[1] := w.taken[1] + granted;
    used := used + granted;
    select coalesce(max(n), 0) into oldest from unnest(w.taken) with ordinality u (t, n) where t > 0;
    frees_in_ms := case when oldest = 0 then 0 else (newest + 1 - oldest + kept) * slice_ms - now_ms end;
    update rate_windows r set slice = newest, taken = w.taken where r.name = names[each];
    return next;
  end loop;
end $$;
revoke execute on function take_permits(text[], int[], int[], int) from public;
grant execute on function take_permits(text[], int[], int[], int) to tenantry_control;
