// What plain programmes earn, for the kit to ask. Keep the loop at the end, and put your system behind earnings().
const ABOUT = { name: "Plain programmes", vendor: "Example adapters", version: "1.0", language: "javascript" };
const HELLO = { protocol: 1, implementation: ABOUT, rulebooks: ["2017-08"], wants: ["earnings"], window: 16 };
const PLAIN = { LearnAimRef: "ZPROG001", FundModel: 36, ProgType: 25, OrigLearnStartDate: undefined };
const DAY = 24 * 60 * 60 * 1000;
const month = (day) => new Date(day).toISOString().slice(0, 7);
const by = (name) => (a, b) => (a[name] < b[name] ? -1 : 1);
const rounded = (top, bottom, whole = top / bottom) => // in hundred-thousandths of a pound, halves to the even digit
  String(2n * (top % bottom) + (whole % 2n) > bottom ? whole + 1n : whole).padStart(6, "0").replace(/\d{5}$/, ".$&");

function earnings({ rulebook, given: { courses, submissions, through = "9899-R12" } }) {
  let rows = []; // the last return counts, but it cannot change a funding year that is closed
  for (const { collection: run, ukprn, learners } of submissions.sort(by("collection"))) {
    const closed = () => JSON.stringify(rows.filter((r) => r.month < `20${run.slice(0, 2)}-08` || r.ukprn !== ukprn));
    const before = closed();
    rows = learners.flatMap((learner) => programme(courses, ukprn, learner));
    if (closed() !== before || run > through || !HELLO.rulebooks.includes(rulebook))
      throw Error("no rule for a change in a closed year, another provider or another rulebook");
  }
  const last = month(Date.UTC(2000 + Number(through.slice(0, 2)), 6 + Math.min(Number(through.slice(-2)), 12)));
  return rows.filter((row) => row.month <= last);
}

function programme(courses, ukprn, { ULN, DateOfBirth, LearnerEmploymentStatus, LearningDelivery: [aim, ...others] }) {
  const [from, to, left = "9999-12-01"] = [aim.LearnStartDate, aim.LearnPlanEndDate, aim.LearnActEndDate];
  const [start, plannedEnd, lastDay] = [from, to, left].map((day) => Date.parse(day));
  const tnp = aim.AppFinRecord.filter((record) => record.AFinType === "TNP").sort(by("AFinCode"));
  const contract_type = Number(aim.LearningDeliveryFAM[0].LearnDelFAMCode);
  const beyond = [...others, ...aim.LearningDeliveryFAM.slice(1), ...LearnerEmploymentStatus.slice(1)];
  if (![1, 2].includes(contract_type)) beyond.push(`the contract ${contract_type}`);
  beyond.push(...tnp.filter((price, n) => n > 1 || price.AFinCode !== n + 1 || price.AFinDate !== from));
  beyond.push(...Object.keys(PLAIN).filter((name) => aim[name] !== PLAIN[name]).map((name) => [name, aim[name]]));
  if (from < "2017-05" || from < DateOfBirth.replace(/\d+/, (y) => +y + 19)) beyond.push("under 19 or before May 2017");
  if (![ukprn, ULN, aim.AimSeqNumber].every(Number.isInteger)) beyond.push("a missing number");
  if (beyond.length) throw Error(`no rule for ${JSON.stringify(beyond).slice(0, 80)}`);
  const days = (plannedEnd - start) / DAY + 1, completed = aim.CompStatus === 2 && left < "9999";
  if (!completed && (lastDay - start) / DAY + 1 < (days >= 168 ? 42 : days >= 14 ? 14 : 1)) return [];
  const bands = courses.find((c) => c.standard_code === aim.StdCode).funding_bands.filter((b) => b.from <= from);
  const band = BigInt(bands.sort(by("from")).at(-1).maximum.replace(/\.(\d{1,5})$/, (_, part) => part.padEnd(5, "0")));
  const total = tnp.reduce((sum, price) => sum + BigInt(price.AFinAmount), 0n) * 100_000n;
  const price = total < band ? total : band;
  const planned = [...Array(Math.max(days, 31)).keys()].map((n) => start + n * DAY)
    .filter((day) => month(day) < month(day + DAY)).filter((census, n) => n === 0 || census <= plannedEnd);
  const monthly = (count) => rounded(4n * price * BigInt(count), 5n * BigInt(planned.length));
  const who = { ukprn, uln: ULN, aim: aim.AimSeqNumber, price_episode: from, contract_type };
  const row = (type, day, amount) => ({ ...who, type, month: month(day), amount });
  const rows = planned.filter((census) => census <= lastDay).map((census) => row("on_programme", census, monthly(1)));
  const rest = row("balancing", lastDay, monthly(lastDay < plannedEnd ? planned.length - rows.length : 0));
  return completed ? [...rows, row("completion", lastDay, rounded(price, 5n)), rest] : rows;
}

let lines = [""]; // not readline: it may split at U+2028 too, which JSON allows inside a text
for await (const chunk of process.stdin.setEncoding("utf8")) {
  lines = (lines.pop() + chunk).split("\n");
  for (const { m, id, scenario } of lines.slice(0, -1).map((line) => JSON.parse(line))) {
    let reply = { ok: m === "hello" ? HELLO : {} };
    try { if (m === "answer") reply = { ok: { earnings: earnings(scenario) } }; }
    catch ({ message }) { reply = { error: { message } }; }
    process.stdout.write(`${JSON.stringify({ id, ...reply })}\n`, () => m === "bye" && process.exit(0));
  }
}
