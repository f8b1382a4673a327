package scenario

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/bess"
	"reprise/bess/si"
)

// stay is one row of a file of sessions, in the wall-clock time of the scenario's zone.
type stay struct {
	arrive, leave, stated time.Time // stated: zero when not told
	asked, taken          si.WattHours
}

// power is the mean power over the stay.
func (s *stay) power() si.Watts {
	return s.taken.Over(si.Seconds(s.leave.Sub(s.arrive).Seconds()))
}

// sessions reads real visits, moves them to the scenario's weeks and gives each an outlet.
func (l *loader) sessions() {
	spec := l.doc.Sessions
	if spec == nil {
		return
	}
	stays, err := l.readStays(spec)
	if err != nil {
		l.fault("sessions", err)
		return
	}
	slices.SortStableFunc(stays, func(a, b stay) int { return a.arrive.Compare(b.arrive) })
	if spec.Day == "busiest" {
		stays = l.busiest(stays, spec)
	} else if spec.Day != "" {
		l.fault("sessions.day", fmt.Errorf("%q is not known here: write busiest, or leave it out", spec.Day))
		return
	} else {
		stays = l.shiftWeeks(stays, spec)
	}
	l.seat(stays, spec)
}

// readStays reads every file. Stamps keep their wall-clock time: a driver who came at half past eight there comes at
// half past eight here.
func (l *loader) readStays(spec *sessionsText) ([]stay, error) {
	zone, err := time.LoadLocation(spec.Zone)
	if err != nil || spec.Zone == "" || spec.Zone == "Local" {
		return nil, fmt.Errorf("%q is not a time zone: write the one whose wall clock is kept, such as Europe/London", spec.Zone)
	}
	files, err := l.reader.find(spec.CSV)
	if err != nil {
		return nil, err
	}
	var stays []stay
	dropped := 0
	for _, file := range files {
		opened, err := l.reader.open(file)
		if err != nil {
			return nil, err
		}
		more, bad, err := readStayFile(file, opened, zone)
		if err := errors.Join(err, opened.Close()); err != nil {
			return nil, err
		}
		stays, dropped = append(stays, more...), dropped+bad
	}
	if dropped > 0 {
		l.note("sessions: %d rows end before they begin and are left out", dropped)
	}
	if len(stays) == 0 {
		return nil, &DataAbsentError{spec.CSV, "the files have no sessions"}
	}
	return stays, nil
}

func readStayFile(name string, text io.Reader, zone *time.Location) (stays []stay, dropped int, err error) {
	rows, err := newRowReader(name, text, []string{"arrival", "departure", "requested_kwh"}, "estimated_departure", "delivered_kwh")
	if err != nil {
		return nil, 0, err
	}
	stamps := stampReader{zone: time.UTC, offset: true}
	wall := func(text string) (time.Time, error) {
		t, err := stamps.read(text)
		if err != nil {
			return time.Time{}, err
		}
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone), nil
	}
	for {
		row, line, err := rows.next()
		if errors.Is(err, io.EOF) {
			return stays, dropped, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var s stay
		var errs [5]error
		s.arrive, errs[0] = wall(row[0])
		s.leave, errs[1] = wall(row[1])
		s.asked, errs[2] = energyCell(row[2])
		if row[3] != "" {
			s.stated, errs[3] = wall(row[3])
		}
		s.taken, errs[4] = energyCell(row[4])
		if err := errors.Join(errs[:]...); err != nil {
			return nil, 0, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if !s.leave.After(s.arrive) {
			dropped++
			continue
		}
		if len(stays) >= mostRows {
			return nil, 0, fmt.Errorf("%s:%d: more than %d rows: thin the file", name, line, mostRows)
		}
		stays = append(stays, s)
	}
}

// energyCell reads kilowatt-hours; an empty cell is not told.
func energyCell(s string) (si.WattHours, error) {
	if s == "" {
		return 0, nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x < 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0, fmt.Errorf("%q is not an energy in kWh", s)
	}
	return si.WattHours(x * 1000), nil
}

// shiftWeeks moves the stays by whole weeks to the same weekdays, to the time of year that is nearest, unless they are
// of the scenario's own weeks.
func (l *loader) shiftWeeks(stays []stay, spec *sessionsText) []stay {
	from, to := l.clock.start, l.clock.start.Add(time.Duration(l.doc.For)*time.Millisecond)
	first, last := stays[0].arrive, stays[len(stays)-1].arrive
	best, cost := 0, math.Inf(1)
	for weeks := -60 * 53; weeks <= 60*53; weeks++ {
		source := from.AddDate(0, 0, -7*weeks)
		if source.Before(first.Truncate(24*time.Hour)) || to.AddDate(0, 0, -7*weeks).After(last.AddDate(0, 0, 1)) {
			continue
		}
		years := float64(7*weeks) / 365.2425
		away := float64(math.Abs(years-math.Round(years))*365.2425) + float64(math.Abs(years)*0.001)
		if away < cost {
			best, cost = weeks, away
		}
	}
	if math.IsInf(cost, 1) {
		l.absent = append(l.absent, &DataAbsentError{spec.CSV, fmt.Sprintf("its sessions from %s to %s are shorter than the scenario", first.Format("2006-01-02"), last.Format("2006-01-02"))})
		return nil
	}
	if best != 0 {
		l.note("sessions: of %s, moved by %d weeks to the same weekdays", from.AddDate(0, 0, -7*best).Format("2006-01-02"), best)
	}
	var moved []stay
	for _, s := range stays {
		s = s.moved(7 * best)
		if !s.arrive.Before(from) && s.arrive.Before(to) {
			moved = append(moved, s)
		}
	}
	return moved
}

func (s stay) moved(days int) stay {
	s.arrive, s.leave = s.arrive.AddDate(0, 0, days), s.leave.AddDate(0, 0, days)
	if !s.stated.IsZero() {
		s.stated = s.stated.AddDate(0, 0, days)
	}
	return s
}

// busiest keeps the day with the most stays by alternating current and moves it to the first day of the scenario.
func (l *loader) busiest(stays []stay, spec *sessionsText) []stay {
	count := map[string]int{}
	for i := range stays {
		if stays[i].power() <= spec.RapidAbove {
			count[stays[i].arrive.Format("2006-01-02")]++
		}
	}
	day := ""
	for i := range stays { // by arrival, so that of equal days the first wins
		if d := stays[i].arrive.Format("2006-01-02"); day == "" || count[d] > count[day] {
			day = d
		}
	}
	y, m, d := l.clock.start.Date()
	var kept []stay
	for _, s := range stays {
		if s.arrive.Format("2006-01-02") != day {
			continue
		}
		sy, sm, sd := s.arrive.Date()
		days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(sy, sm, sd, 0, 0, 0, 0, time.UTC)).Hours() / 24
		if s = s.moved(int(days)); !s.arrive.Before(l.clock.start) {
			kept = append(kept, s)
		}
	}
	l.note("sessions: the busiest day is %s with %d of them, moved to %s", day, count[day], l.clock.start.Format("2006-01-02"))
	return kept
}

// seat gives every stay an outlet that is free when it comes; who finds none drives on, and is counted.
func (l *loader) seat(stays []stay, spec *sessionsText) {
	u := l.out.Unit
	allowed := make([]bool, len(u.Outlets))
	for i := range allowed {
		allowed[i] = len(spec.Outlets) == 0
	}
	for i, name := range spec.Outlets {
		outlet, err := part("outlet", name, outletNames(u))
		if err != nil {
			l.fault(fmt.Sprintf("sessions.outlets[%d]", i+1), err)
			continue
		}
		allowed[outlet] = true
	}
	free := make([]time.Time, len(u.Outlets))
	away := map[bess.OutletKind]int{}
	for _, s := range stays {
		if spec.AtMost > 0 && len(l.out.Visits) >= spec.AtMost {
			break
		}
		kind := bess.AC
		if s.power() > spec.RapidAbove {
			kind = bess.Rapid
		}
		seat := -1
		for i := range u.Outlets {
			if allowed[i] && u.Outlets[i].Kind == kind && !s.arrive.Before(free[i]) {
				seat = i
				break
			}
		}
		if seat < 0 {
			away[kind]++
			continue
		}
		free[seat] = s.leave.Add(time.Minute)
		v := Visit{Outlet: seat, Arrive: s.arrive.UnixMilli(), Leave: s.leave.UnixMilli(), Need: s.asked, Taken: s.taken}
		if !s.stated.IsZero() {
			v.Stated = s.stated.UnixMilli()
		}
		l.out.Visits = append(l.out.Visits, v)
	}
	l.note("sessions: %d visits; %d more found no free AC outlet, %d no free rapid outlet", len(l.out.Visits), away[bess.AC], away[bess.Rapid])
}

// bookings spreads announced visits over the days of the scenario.
func (l *loader) bookings() {
	for i := range l.doc.Bookings {
		b, path := &l.doc.Bookings[i], fmt.Sprintf("bookings[%d]", i+1)
		if b.Outlet == nil {
			l.fault(path, errors.New("no outlet is named: say where the vehicle charges"))
			continue
		}
		outlet, err := part("outlet", b.Outlet.Text, outletNames(l.out.Unit))
		if err != nil {
			l.fault(path+".outlet", err)
			continue
		}
		if b.Vehicle != "" && !slices.ContainsFunc(l.out.Vehicles, func(v Vehicle) bool { return v.Name == b.Vehicle }) {
			l.fault(path+".vehicle", unknownVehicle(b.Vehicle, l.out.Vehicles))
		}
		if b.Stay < bess.Minute || b.Need <= 0 || len(b.At) == 0 {
			l.fault(path, errors.New("a booking needs at, need and stay: write them like at: [\"12:00\"], need: 60 kWh, stay: 45 min"))
			continue
		}
		from, to, err := daysOf(b.Days)
		if err != nil {
			l.fault(path+".days", err)
			continue
		}
		l.book(b, outlet, from, to, path)
	}
	slices.SortStableFunc(l.out.Bookings, func(a, b Booking) int { return int(min(max(a.Arrive-b.Arrive, -1), 1)) })
	for i := range l.out.Bookings {
		l.out.Bookings[i].Number = i + 1
	}
}

func (l *loader) book(b *bookingText, outlet, from, to int, path string) {
	last := min(to, l.clock.dayOf(l.end()))
	for day := from; day <= last; day++ {
		for k, text := range b.At {
			of, err := timeOfDay(text)
			if err != nil {
				l.fault(fmt.Sprintf("%s.at[%d]", path, k+1), err)
				return
			}
			at := l.clock.at(day, of)
			if at < l.clock.start.UnixMilli() || at >= l.end() {
				continue
			}
			known := l.clock.start.UnixMilli()
			if b.Told > 0 {
				known = max(known, at-int64(b.Told))
			}
			l.out.Bookings = append(l.out.Bookings, Booking{
				Visit: Visit{Outlet: outlet, Vehicle: b.Vehicle, Arrive: at, Leave: at + int64(b.Stay), Stated: at + int64(b.Stay), Need: b.Need, SoC: b.SoC},
				Known: known, Rate: b.Rate,
			})
		}
	}
}

// daysOf reads "1..3" or "2"; empty means every day.
func daysOf(s string) (from, to int, err error) {
	if s == "" {
		return 1, int(longest / bess.Day), nil
	}
	low, high, ok := strings.Cut(s, "..")
	if !ok {
		high = low
	}
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || from < 1 || to < from {
		return 0, 0, fmt.Errorf("%q are no days: write them like 1..3", s)
	}
	return from, to, nil
}
