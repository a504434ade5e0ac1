package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestManyLongDenials: a document with one long name and many denied fields below it is answered with about as much as is
// sent, wherever errors are written, and says how many are left out.
func TestManyLongDenials(t *testing.T) {
	t.Parallel()
	const long, many = 100_000, 100
	document := manyDenials(long, many)
	for name, change := range map[string]func(*gateway.Config){
		"errors":     func(*gateway.Config) {},
		"extensions": func(c *gateway.Config) { c.Authorization.Errors.Location = "extensions" },
		"reject":     func(c *gateway.Config) { c.Authorization.Mode = "reject" },
		"dry run":    func(c *gateway.Config) { c.Authorization.DryRun, c.Authorization.Errors.Explain = true, true },
	} {
		got := send(t, protectedShop(t, change), document, bearer(t, "", "")...)
		count := strings.Count(got.body, `"affectedPath"`)
		if len(got.body) > 2<<20 || count == 0 || count > 10 {
			t.Errorf("%s: %d bytes, %d denials", name, len(got.body), count)
		}
		if want := fmt.Sprintf(`{"message":"%d more unauthorized fields or types"`, many-count); !strings.Contains(got.body, want) {
			t.Errorf("%s: no %s", name, want)
		}
	}
}

// manyDenials is a document with one long name and many denied fields below it.
func manyDenials(long, many int) string {
	var document strings.Builder
	document.WriteString("query(")
	for i := range many {
		fmt.Fprintf(&document, "$v%d:Boolean=true ", i)
	}
	document.WriteString("){" + strings.Repeat("x", long) + ":me{name ")
	for i := range many {
		fmt.Fprintf(&document, "email@include(if:$v%d) ", i)
	}
	return document.String() + "}}"
}

// TestNoMemoryForErrors: errors that a client makes long are within the memory that requests share, as data is, since a client that does
// not read holds them.
func TestNoMemoryForErrors(t *testing.T) {
	t.Parallel()
	document := manyDenials(10_000, 100)
	const one = `"errors":[{"message":"No memory is left for the errors of the response","extensions":{"code":"SERVICE_UNAVAILABLE"}}]}`
	for name, c := range map[string]struct {
		change func(*gateway.Config)
		status int
		end    string
	}{
		"errors":     {func(*gateway.Config) {}, 200, `:{"name":"Amara Okafor","email":null}},` + one},
		"extensions": {func(c *gateway.Config) { c.Authorization.Errors.Location = "extensions" }, 200, `,"email":null}},` + one},
		"reject": {
			func(c *gateway.Config) { c.Authorization.Mode = "reject" }, 503,
			`"extensions":{"code":"SERVICE_UNAVAILABLE"}}]}`,
		},
	} {
		g := protectedShop(t, func(c *gateway.Config) { c.Limits.MemoryBytes = 800 << 10 }, c.change)
		for range 3 { // what was given up is there for the next
			got := send(t, g, document, bearer(t, "", "")...)
			if got.status != c.status || !strings.HasSuffix(got.body, c.end) || len(got.body) > 20_000 {
				t.Fatalf("%s: got %d, %d bytes, ...%s", name, got.status, len(got.body), got.body[max(0, len(got.body)-300):])
			}
		}
	}
}
