# Reads the facts of every case into arrays, and says already what there is no rule for.

{ name = cell["case"]; run = name SUBSEP cell["collection"]; who = run SUBSEP cell["LearnRefNumber"] }
table ~ /cases/ && cell["asked"] ~ /earnings/ { order[++cases] = name; through[name] = cell["through"] }
table ~ /cases/ && cell["rulebook"] != "2017-08" { no_rule("rulebook " cell["rulebook"]) }
table ~ /courses/ {
  course = name SUBSEP cell["standard_code"]
  bands[course] = bands[course] " " cell["from"] " " cell["amount"]
}
table ~ /learners/ {
  if (name in ukprn && ukprn[name] != cell["ukprn"]) no_rule("a second provider")
  if (who in uln) no_rule("a learner who was returned twice")
  ukprn[name] = cell["ukprn"]; uln[who] = cell["ULN"]; born[who] = cell["DateOfBirth"]
  runs[name] = runs[name] " " cell["collection"]
  if (cell["LearnRefNumber"] != "") learner[run, ++learners[run]] = who
}
table ~ /employment/ && employed[who]++ { no_rule("a change of employment") }
table ~ /monitoring/ {
  record = cell["LearnDelFAMType"] " " cell["LearnDelFAMCode"]
  if (who in contract) no_rule("a further record, " record)
  if (record !~ /^ACT [12]$/) no_rule("the record " record)
  contract[who] = cell["LearnDelFAMCode"]
}
table ~ /prices/ && cell["AFinType"] == "TNP" {
  kind = cell["AFinCode"]
  if (kind !~ /^[12]$/ || index(kinds[who], kind)) no_rule("a change of price, or one of kind " kind)
  if (who in agreed && agreed[who] != cell["AFinDate"]) no_rule("a change of price")
  kinds[who] = kinds[who] kind; price[who] += units(cell["AFinAmount"]); agreed[who] = cell["AFinDate"]
}
table ~ /aims/ {
  if (who in aim) no_rule("a second aim")
  if (cell["LearnAimRef"] != "ZPROG001") no_rule("LearnAimRef " cell["LearnAimRef"])
  if (cell["FundModel"] != "36") no_rule("FundModel " cell["FundModel"])
  if (cell["ProgType"] != "25") no_rule("ProgType " cell["ProgType"])
  if (cell["OrigLearnStartDate"] != "") no_rule("a restart")
  aim[who] = cell["AimSeqNumber"]; from[who] = cell["LearnStartDate"]; to[who] = cell["LearnPlanEndDate"]
  left[who] = cell["LearnActEndDate"]; status[who] = cell["CompStatus"]; standard[who] = cell["StdCode"]
}

function no_rule(what) { if (!(name in left_out)) left_out[name] = what }  # a wrong figure is worse than none
