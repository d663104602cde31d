# What plain programmes earn: every case that there are rules for, once all facts have been read.

END {
  print "case,ukprn,uln,aim,price_episode,contract_type,type,month,amount"
  for (i = 1; i <= cases; i++) {
    answer = earnings(name = order[i])
    if (!(name in left_out)) printf "%s", answer == "" ? quoted(name) ",,,,,,,,\n" : answer
    else { missed++; print name ": left out, there is no rule for " left_out[name] "." | "cat >&2" }
  }
  print cases - missed " of " cases " cases are answered." | "cat >&2"
}

function earnings(name,    run, n, july, closed, last) {  # the last return counts, but cannot change a closed year
  rows = 0
  last = through[name] == "" ? "9899-R12" : through[name]
  for (run = next_run(name, ""); run != ""; run = next_run(name, run)) {
    july = month_of("20" substr(run, 1, 2) "-07")
    closed = until(july)
    rows = 0
    for (n = 1; n <= learners[name, run]; n++) programme(learner[name, run, n])
    if (closed != until(july) || run > last) no_rule("a change in a closed year, or a return after the last collection")
  }
  n = substr(last, 7) + 0
  return until(month_of("20" substr(last, 1, 2) "-07") + (n < 12 ? n : 12))
}

function next_run(name, after,    count, all, n, found) {  # the collection that follows, in the order of time
  count = split(runs[name], all, " ")
  for (n = 1; n <= count; n++) if (all[n] "" > after && (found == "" || all[n] "" < found)) found = all[n] ""
  return found
}

function until(month,    n, text) {  # the rows up to and with a month
  for (n = 1; n <= rows; n++) if (month_of_row[n] <= month) text = text row_text[n]
  return text
}

function row(type, month, parts, of) {
  month_of_row[++rows] = month
  row_text[rows] = whose "," type "," month_text(month) "," share(capped, parts, of) "\n"
}

function programme(who,    start, planned_end, last_day, completed, days, month, first, planned) {
  start = day_of(from[who])
  planned_end = day_of(to[who])
  last_day = left[who] == "" ? 9999999 : day_of(left[who])
  day_of(born[who])
  if (from[who] < "2017-05" || from[who] < substr(born[who], 1, 4) + 19 substr(born[who], 5))
    no_rule("an age under 19 or a start before May 2017")
  if (kinds[who] !~ /1/ || agreed[who] != from[who]) no_rule("a price that is not for training from the start")
  whose = quoted(name) "," number(ukprn[name]) "," number(uln[who]) "," number(aim[who])
  whose = whose "," from[who] "," number(contract[who])
  capped = band(name, standard[who], from[who])
  if (price[who] < capped) capped = price[who]
  completed = status[who] == "2" && left[who] != ""
  days = planned_end - start + 1
  if (name in left_out || (!completed && last_day - start + 1 < (days >= 168 ? 42 : days >= 14 ? 14 : 1))) return
  first = month_of(from[who])
  for (planned = 1; first_day(first + planned + 1) - 1 <= planned_end; planned++) continue
  for (month = first; month < first + planned && first_day(month + 1) - 1 <= last_day; month++)
    row("on_programme", month, 4, 5 * planned)
  if (!completed) return
  row("completion", month_of(left[who]), 1, 5)
  row("balancing", month_of(left[who]), last_day < planned_end ? 4 * (first + planned - month) : 0, 5 * planned)
}

function band(name, standard, day,    count, all, n, latest, maximum) {  # that of the start
  count = split(bands[name, standard], all, " ")
  for (n = 1; n < count; n += 2)
    if (all[n] "" <= day && all[n] "" > latest) { latest = all[n] ""; maximum = all[n + 1] }
  return units(maximum)
}
