import java.math.*;
import java.time.*;
import java.util.*;
import java.util.stream.Stream;

/** What plain programmes earn. Put your system behind earnings(). */
class Calculator {
    record Row(YearMonth month, String json) {}

    static List<String> earnings(Json scenario) { // the last return counts, but cannot change a closed funding year
        Json given = scenario.at("given");
        String through = given.at("through").is(null) ? "9899-R12" : given.at("through").text();
        Json provider = given.at("submissions").list().findFirst().get().at("ukprn");
        List<Row> rows = List.of();
        for (Json returned : given.at("submissions").sorted("collection")) {
            String collection = returned.at("collection").text(), lastJuly = collection.substring(0, 5) + "R00";
            List<Row> closed = until(lastJuly, rows);
            rows = returned.at("learners").list().flatMap(who -> programme(given, provider, who)).toList();
            if (!closed.equals(until(lastJuly, rows)) || !returned.at("ukprn").equals(provider)
                || collection.compareTo(through) > 0 || !scenario.at("rulebook").is("2017-08"))
                throw new UnsupportedOperationException("no rule for a closed year, another provider or rulebook");
        }
        return until(through, rows).stream().map(Row::json).toList();
    }

    static List<Row> until(String collection, List<Row> rows) { // R01 is August's; R12 and later are July's
        YearMonth july = YearMonth.parse("20" + collection.substring(0, 2) + "-07");
        YearMonth last = july.plusMonths(Math.min(Integer.parseInt(collection.substring(6)), 12));
        return rows.stream().filter(row -> !row.month.isAfter(last)).toList();
    }

    static Stream<Row> programme(Json given, Json ukprn, Json learner) {
        Json aim = learner.at("LearningDelivery").list().findFirst().get(), left = aim.at("LearnActEndDate");
        LocalDate start = aim.at("LearnStartDate").date(), plannedEnd = aim.at("LearnPlanEndDate").date();
        LocalDate lastDay = left.is(null) ? LocalDate.MAX : left.date();
        List<Json> tnp = aim.at("AppFinRecord").list().filter(price -> price.at("AFinType").is("TNP")).toList();
        refuse(aim, learner, tnp, start);
        long days = plannedEnd.toEpochDay() - start.toEpochDay() + 1, least = days >= 168 ? 42 : days >= 14 ? 14 : 1;
        boolean completed = aim.at("CompStatus").is(2) && !left.is(null);
        if (!completed && lastDay.isBefore(start.plusDays(least - 1))) return Stream.of(); // it does not qualify
        Stream<Json> bands = given.at("courses").list().filter(c -> c.at("standard_code").equals(aim.at("StdCode")))
            .findFirst().get().at("funding_bands").sorted("from").stream();
        Json band = bands.filter(one -> !one.at("from").date().isAfter(start)).reduce((earlier, later) -> later).get();
        long agreed = tnp.stream().mapToLong(price -> price.at("AFinAmount").whole()).sum();
        BigDecimal price = new BigDecimal(band.at("maximum").text()).min(BigDecimal.valueOf(agreed));
        YearMonth first = YearMonth.from(start), last = YearMonth.from(lastDay);
        List<YearMonth> planned = Stream.iterate(first, month -> month.plusMonths(1)).takeWhile(
            month -> month.equals(first) || !month.atEndOfMonth().isAfter(plannedEnd)).toList();
        List<YearMonth> reached = planned.stream().filter(month -> !month.atEndOfMonth().isAfter(lastDay)).toList();
        int of = 5 * planned.size(), rest = lastDay.isBefore(plannedEnd) ? planned.size() - reached.size() : 0;
        String contract = aim.at("LearningDeliveryFAM").list().findFirst().get().at("LearnDelFAMCode").text();
        String who = "'ukprn':%s,'uln':%s,'aim':%s,'price_episode':'%s','contract_type':%s".formatted(ukprn.whole(),
            learner.at("ULN").whole(), aim.at("AimSeqNumber").whole(), start, contract);
        Stream<Row> monthly = reached.stream().map(month -> row(who, "on_programme", month, price, 4, of));
        return !completed ? monthly : Stream.concat(monthly, Stream.of(
            row(who, "completion", last, price, 1, 5), row(who, "balancing", last, price, 4 * rest, of)));
    }

    static Row row(String who, String type, YearMonth month, BigDecimal price, int parts, int of) {
        BigDecimal amount = price.multiply(new BigDecimal(parts)).divide(new BigDecimal(of), 5, RoundingMode.HALF_EVEN);
        String row = "{%s,'type':'%s','month':'%s','amount':'%s'}".formatted(who, type, month, amount.toPlainString());
        return new Row(month, row.replace('\'', '"'));
    }

    static void refuse(Json aim, Json learner, List<Json> tnp, LocalDate start) { // a wrong figure is worse than none
        List<Object> beyond = new ArrayList<>();
        Json aims = learner.at("LearningDelivery"), statuses = learner.at("LearnerEmploymentStatus");
        Json contracts = aim.at("LearningDeliveryFAM");
        contracts.list().filter(one -> !one.at("LearnDelFAMCode").text().matches("[12]")).forEach(beyond::add);
        Stream.of(aims, statuses, contracts).forEach(records -> records.list().skip(1).forEach(beyond::add));
        String prices = tnp.stream().map(p -> p.at("AFinCode") + " " + p.at("AFinDate")).sorted().toList() + "";
        if (!"[1 %s, 2 %s]".formatted(start, start).startsWith(prices.replace("]", ""))) beyond.add("prices " + prices);
        Map.of("LearnAimRef", "ZPROG001", "FundModel", "36", "ProgType", "25", "OrigLearnStartDate", "null").forEach(
            (name, plain) -> { if (!plain.equals(aim.at(name) + "")) beyond.add(name + " " + aim.at(name)); });
        int age = Period.between(learner.at("DateOfBirth").date(), start).getYears();
        if (age < 19 || start.isBefore(LocalDate.of(2017, 5, 1))) beyond.add("under 19, or a start before May 2017");
        if (!beyond.isEmpty()) throw new UnsupportedOperationException("no rule for " + beyond);
    }
}
