package upstream_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// TestSwitchingProtocols: nothing is read behind a 101, where a subgraph could keep a call for as long as it likes: net/http
// hands out the connection, and neither the call's time limit nor its caller's end closes it.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	client, request := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"+`{"data":{"a":1}}`)
		_ = connection.Close()
	}), nil)
	response, err := client.Do(t.Context(), request)
	if err == nil {
		response.Release()
		t.Fatalf("%s was read", response.Body)
	}
	if e, ok := errors.AsType[*gqlerr.Error](err); !ok || e.Code != gqlerr.SubrequestHTTPError {
		t.Errorf("got %v", err)
	}
}
