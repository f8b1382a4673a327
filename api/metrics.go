package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"reprise/bess"
)

// counted counts what was asked of this surface, by method and class of answer.
type counted struct {
	requests *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newCounted() *counted {
	return &counted{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "reprise_http_requests_total", Help: "Requests answered, by method and class of answer.",
		}, []string{"method", "class"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "reprise_http_request_seconds", Help: "Time to answer, live streams apart.",
			Buckets: []float64{0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10},
		}),
	}
}

func (c *counted) around(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		start := time.Now()
		inside.ServeHTTP(noted, r)
		if noted.Header().Get("Content-Type") != "text/event-stream" {
			c.seconds.Observe(time.Since(start).Seconds())
		}
		c.requests.WithLabelValues(method(r.Method), strconv.Itoa(noted.status/100)+"xx").Inc()
	})
}

// method keeps the label's values few, whatever callers send.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodPost, http.MethodHead:
		return m
	default:
		return "other"
	}
}

// statusWriter remembers the status. Unwrap lets deadlines and flushes through.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *Server) registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		s.counted.requests, s.counted.seconds, &gauges{machine: s.Machine, streams: func() float64 { return float64(s.streams.Load()) }})
	return r
}

// gauges reads the newest picture when it is asked. What is unknown is left out, never 0.
type gauges struct {
	machine Machine
	streams func() float64
}

// Describe sends nothing: which parts exist is known only with a picture, so this collector is unchecked.
func (g *gauges) Describe(chan<- *prometheus.Desc) {}

// Collect sends what the newest picture knows.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	send := func(name, help string, value float64, labels ...string) {
		var names, values []string
		for i := 0; i+1 < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, labels[i+1])
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("reprise_"+name, help, names, nil), prometheus.GaugeValue, value, values...)
	}
	figure := func(name, help string, f bess.Figure, labels ...string) {
		if f.Known {
			send(name, help, f.Value, labels...)
		}
	}
	send("http_streams", "Live streams open now.", g.streams())
	p := g.machine.Latest()
	if p == nil {
		return
	}
	send("info", "Constant 1 with the unit's state in labels.", 1, "unit", p.Unit, "version", p.Health.Version, "service", p.Service, "network", p.Network, "safe", p.Safe.Level)
	send("tick", "Number of the newest tick.", float64(p.Tick))
	send("loop_seconds", "Mean time of a tick over the last second.", p.Health.LoopMicros/1e6)
	send("loop_worst_seconds", "Worst time of a tick over the last second.", p.Health.LoopWorst/1e6)
	send("late_ticks", "Ticks that started late since the start.", float64(p.Health.LateTicks))
	figure("disk_free_ratio", "Free share of the data disk.", p.Health.Disk)
	figure("store_soc_ratio", "State of charge of the unit.", p.Store.SoC)
	figure("store_deliverable_wh", "Energy deliverable now at the AC outlets.", p.Store.Deliverable)
	figure("bus_volts", "DC bus voltage.", p.Bus.Volts)
	figure("inverter_watts", "Inverter power, positive into the AC bus.", p.Inverter.Power)
	figure("carbon_net_kg", "Net CO2e saved.", p.Carbon.Net)
	for i := range p.Packs {
		k := &p.Packs[i]
		figure("pack_watts", "Pack power, positive: discharging.", k.Power, "pack", k.Name)
		figure("pack_soc_ratio", "State of charge, our estimate.", k.SoC, "pack", k.Name)
		figure("pack_soh_ratio", "Capacity against new.", k.SoH, "pack", k.Name)
		figure("pack_hot_celsius", "Hottest cell.", k.Hot, "pack", k.Name)
	}
	for i := range p.Feeders {
		figure("feeder_watts", "Supply power, positive: feeding.", p.Feeders[i].Power, "feeder", p.Feeders[i].Name)
	}
	for i := range p.Circuits {
		figure("circuit_draw_watts", "Circuit draw, positive.", p.Circuits[i].Draw, "circuit", p.Circuits[i].Name)
	}
	for i := range p.Outlets {
		figure("outlet_draw_watts", "Outlet draw, positive.", p.Outlets[i].Draw, "outlet", p.Outlets[i].Name)
	}
	g.alarms(p, send)
}

func (g *gauges) alarms(p *bess.Picture, send func(name, help string, value float64, labels ...string)) {
	for level := bess.LevelInform; level <= bess.LevelOpenAll; level++ {
		n := 0
		for i := range p.Alarms {
			if p.Alarms[i].Level == level.String() {
				n++
			}
		}
		send("alarms", "Alarms in force, by level.", float64(n), "level", level.String())
	}
}
