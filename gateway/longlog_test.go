package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

// TestLongNamesInTheLog: a client decides about names in its document, and not about how long the log gets.
func TestLongNamesInTheLog(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	_, address := over(t, map[string]http.HandlerFunc{"products": func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusInternalServerError)
	}}, nil, func(g *Gateway) { g.state.Load().logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	name := strings.Repeat("x", 100_000)
	if status, _, body := post(t, address, `{`+name+`:product(upc:"1"){name}}`); status != http.StatusOK || !strings.Contains(body, "SUBREQUEST_HTTP_ERROR") {
		t.Fatalf("got %d %.300s", status, body)
	}
	if got := logged.String(); !strings.Contains(got, "SUBREQUEST_HTTP_ERROR") || len(got) > 5_000 {
		t.Errorf("the log has %d bytes: %.300s", len(got), got)
	}
}
