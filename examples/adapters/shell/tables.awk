# What awk has not got: tables as CSV, exact pounds and dates. A cell that cannot be meant is a case for no_rule().

FNR == 1 { sub(/^\357\273\277/, ""); columns = read_row(header); table = FILENAME; next }
{
  read_row(found)
  split("", cell)
  for (n = 1; n <= columns; n++) cell[header[n]] = found[n]
}

function read_row(cells,    line, more, end, n) {  # a cell in quotation marks may hold commas and ends of lines
  line = $0
  while (gsub(/"/, "&", line) % 2 && (getline more) > 0) line = line "\n" more
  sub(/\r$/, "", line)
  for (line = line ","; line != ""; line = substr(line, end + 2)) {
    end = match(line, /^"([^"]|"")*"/) ? RLENGTH : index(line, ",") - 1
    cells[++n] = substr(line, 1, end)
    if (sub(/^"/, "", cells[n])) { sub(/"$/, "", cells[n]); gsub(/""/, "\"", cells[n]) }
  }
  return n
}

function quoted(text) { gsub(/"/, "\"\"", text); return "\"" text "\"" }

function number(text) {
  if (text !~ /^[0-9]+$/) no_rule("the number " text)
  return text
}

function units(text,    point) {  # an amount in hundred-thousandths of a pound, whole numbers that awk has exact
  if (text !~ /^(0|[1-9][0-9]*)(\.[0-9][0-9]?[0-9]?[0-9]?[0-9]?)?$/) no_rule("the amount " text)
  point = index(text ".", ".")
  return (substr(text, 1, point - 1) - 1) * 100000 + ("1" substr(substr(text, point + 1) "00000", 1, 5))  # 010 may be 8
}

function share(amount, parts, of,    exact, rest, whole) {  # rounded once, halves to the even digit
  exact = amount * parts
  if (exact > 9007199254740991) no_rule("amounts that awk would round by itself")
  rest = exact % of
  whole = (exact - rest) / of
  if (2 * rest > of || (2 * rest == of && whole % 2)) whole++
  return sprintf("%.0f.%05d", (whole - whole % 100000) / 100000, whole % 100000)
}

function month_of(date) { return substr(date, 1, 4) * 12 + substr(date, 6, 2) - 1 }  # months since the year 0

function month_text(month) { return sprintf("%04d-%02d", int(month / 12), month % 12 + 1) }

function first_day(month,    march, year) {  # as if years began in March, with the odd day at their end
  march = month - 2
  year = int(march / 12)
  return 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (march % 12) + 2) / 5)
}

function day_of(date,    month, day) {  # days since the year 0
  month = substr(date, 6, 2) + 0
  day = first_day(month_of(date)) + substr(date, 9) - 1
  if (date !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ || month < 1 || month > 12 \
    || day < first_day(month_of(date)) || day >= first_day(month_of(date) + 1)) no_rule("the date " date)
  return day
}
