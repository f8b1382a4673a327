package v16_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/internal/require"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// peer prepares a script of the independent peer (npm ocpp-rpc), or leaves the test out.
func peer(t *testing.T, script string, arguments ...string) *exec.Cmd {
	t.Helper()
	node := require.Program(t, require.Node, "node")
	folder := filepath.Join("..", "peer")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "ocpp-rpc")); err != nil {
		require.Tool(t, require.Node, "no packages in wire/ocpp/peer: run \"npm ci\" there")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, node, append([]string{script}, arguments...)...)
	command.Dir, command.Stderr = folder, os.Stderr
	return command
}

// TestPeerStation: a strict station by other authors boots, charges under a profile and stops at our central system.
func TestPeerStation(t *testing.T) {
	c := newCentral(t, nil)
	defer c.close()
	ordered := make(chan error, 1)
	c.then = func(_ context.Context, station *ocpp.Station, request ocpp.Request) {
		if _, started := request.(*v16.StartTransactionRequest); started {
			go func() { ordered <- limit(t.Context(), station, 17, 16.1) }()
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/ocpp/{station}", c.system)
	server := httptest.NewServer(mux)
	defer server.Close()
	command := peer(t, "station.mjs", strings.Replace(server.URL, "http", "ws", 1)+"/ocpp", "PEER-1")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("the peer failed: %v\n%s", err, output)
	}
	if got, want := strings.TrimSpace(string(output)), `{"transaction":17,"limit":16.1,"broken":0}`; got != want {
		t.Errorf("the peer said %s, want %s", got, want)
	}
	if err := <-ordered; err != nil {
		t.Error(err)
	}
	if counts := c.system.Counters(); counts.InvalidCalls+counts.Malformed+counts.InvalidAnswers != 0 || counts.UnsupportedCalls != 1 {
		t.Errorf("counted %+v", counts)
	}
}

// limit sends a profile and reads it back.
func limit(ctx context.Context, station *ocpp.Station, transaction int, amperes float64) error {
	set, err := ocpp.Ask(ctx, station, absolute(transaction, amperes))
	if err != nil {
		return err
	}
	if set.Status != v16.ChargingProfileStatusAccepted {
		return errors.New("the profile was answered with " + string(set.Status))
	}
	back, err := ocpp.Ask(ctx, station, v16.GetCompositeScheduleRequest{ConnectorID: 1, Duration: 600})
	if err != nil {
		return err
	}
	if back.ChargingSchedule == nil || back.ChargingSchedule.ChargingSchedulePeriod[0].Limit != amperes {
		return errors.New("another schedule was read back")
	}
	return nil
}

// TestPeerCentral: our station charges at a strict central system by other authors and obeys its calls.
func TestPeerCentral(t *testing.T) {
	command := peer(t, "central.mjs")
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		t.Fatal("the peer did not start")
	}
	transport := &http.Transport{DisableKeepAlives: true}
	point := connect(t, ocpp.PointOptions{
		URL: "ws://127.0.0.1:" + lines.Text(), Identity: "CP-1", Protocols: []*ocpp.Protocol{v16.Protocol()},
		Client: &http.Client{Transport: transport}, Handle: obey,
	})
	chargeAlone(t, point)
	called := map[string]string{}
	for lines.Scan() {
		var line struct {
			Called, Broken, Why string
			Answer              json.RawMessage
			Over                bool
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("the peer said %s: %v", lines.Text(), err)
		}
		if line.Broken != "" {
			t.Errorf("the peer found %s wrong: %s", line.Broken, line.Why)
		}
		if line.Called != "" {
			called[line.Called] = string(line.Answer)
		}
		if line.Over {
			break
		}
	}
	point.Close()
	_ = input.Close()
	if err := command.Wait(); err != nil {
		t.Errorf("the peer ended with %v", err)
	}
	want := map[string]string{
		"GetConfiguration":   `{"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"60"}],"unknownKey":["Nonsense"]}`,
		"ChangeAvailability": `{"status":"Accepted"}`,
		"Reset":              `{"status":"Rejected"}`,
		"UnlockConnector":    `{"refused":"NotSupported"}`,
		"TriggerMessage":     `{"status":"Accepted"}`,
		"GetDiagnostics":     `{"refused":"NotSupported"}`,
	}
	for call, answer := range want {
		if called[call] != answer {
			t.Errorf("%s was answered with %s, want %s", call, called[call], answer)
		}
	}
}

// chargeAlone is a session without orders from the central system.
func chargeAlone(t *testing.T, point *ocpp.Point) {
	t.Helper()
	ask(t, point, v16.BootNotificationRequest{ChargePointVendor: "Reprise", ChargePointModel: "Twin"})
	ask(t, point, v16.StatusNotificationRequest{
		ConnectorID: 1, ErrorCode: v16.ChargePointErrorCodeNoError, Status: v16.ChargePointStatusCharging, Timestamp: new(ocpp.At(time.Now())),
	})
	ask(t, point, v16.AuthorizeRequest{IDTag: "04A1B2"})
	start := ask(t, point, v16.StartTransactionRequest{ConnectorID: 1, IDTag: "04A1B2", Timestamp: ocpp.At(time.Now())})
	ask(t, point, v16.MeterValuesRequest{ConnectorID: 1, TransactionID: &start.TransactionID, MeterValue: []v16.MeterValue{{
		Timestamp: ocpp.At(time.Now()), SampledValue: []v16.SampledValue{{Value: "12.5"}},
	}}})
	ask(t, point, v16.StopTransactionRequest{TransactionID: start.TransactionID, MeterStop: 900, Timestamp: ocpp.At(time.Now()), Reason: v16.ReasonEVDisconnected})
}

// obey answers the peer's calls.
func obey(_ context.Context, _ *ocpp.Point, request ocpp.Request) (ocpp.Response, error) {
	switch request.(type) {
	case *v16.GetConfigurationRequest:
		return v16.GetConfigurationResponse{
			ConfigurationKey: []v16.KeyValue{{Key: "HeartbeatInterval", Value: new("60")}}, UnknownKey: []string{"Nonsense"},
		}, nil
	case *v16.ChangeAvailabilityRequest:
		return v16.ChangeAvailabilityResponse{Status: v16.AvailabilityStatusAccepted}, nil
	case *v16.ResetRequest:
		return v16.ResetResponse{Status: v16.ResetStatusRejected}, nil
	case *v16.TriggerMessageRequest:
		return v16.TriggerMessageResponse{Status: v16.TriggerMessageStatusAccepted}, nil
	}
	return nil, ocpp.Refuse(ocpp.NotSupported, "%s is not done here", request.Action())
}

// TestPeerJudge compares our verdict on thousands of right and wrong payloads with that of the published schemas in another
// checker.
func TestPeerJudge(t *testing.T) {
	arguments := []string{"6000", "7"}
	for _, name := range actionNames() {
		arguments = append(arguments, name+".req", name+".conf")
	}
	output, err := peer(t, "judge.mjs", arguments...).Output()
	if err != nil {
		t.Fatal(err)
	}
	protocol := v16.Protocol()
	right := 0
	for line := range strings.Lines(string(output)) {
		var judged struct {
			Schema  string
			Payload json.RawMessage
			Valid   bool
		}
		if err := json.Unmarshal([]byte(line), &judged); err != nil {
			t.Fatal(err)
		}
		if judged.Valid {
			right++
		}
		if err := decode(protocol, judged.Schema, judged.Payload); (err == nil) != judged.Valid {
			t.Errorf("%s %s\nours: %v, the schemas': valid %v", judged.Schema, judged.Payload, err, judged.Valid)
		}
	}
	if right < 1500 || right > 4500 {
		t.Errorf("%d of 6000 payloads are right: too one-sided to prove anything", right)
	}
}

// decode reads a request or response by the name of its schema.
func decode(protocol *ocpp.Protocol, schema string, payload []byte) error {
	name, half, _ := strings.Cut(schema, ".")
	from := ocpp.StationSide
	for _, action := range centralActions() {
		if action == name {
			from = ocpp.CentralSide
		}
	}
	if half == "req" {
		_, err := protocol.DecodeRequest(name, from, payload)
		return err
	}
	_, err := protocol.DecodeResponse(name, from, payload)
	return err
}

func centralActions() []string {
	return []string{"ChangeAvailability", "ChangeConfiguration", "ClearCache", "ClearChargingProfile", "GetCompositeSchedule",
		"GetConfiguration", "RemoteStartTransaction", "RemoteStopTransaction", "Reset", "SetChargingProfile", "TriggerMessage",
		"UnlockConnector"}
}

func actionNames() []string {
	return append(centralActions(), "Authorize", "BootNotification", "DataTransfer", "Heartbeat", "MeterValues",
		"StartTransaction", "StatusNotification", "StopTransaction")
}
