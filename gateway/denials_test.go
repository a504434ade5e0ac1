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
	var document strings.Builder
	document.WriteString("query(")
	for i := range many {
		fmt.Fprintf(&document, "$v%d:Boolean=true ", i)
	}
	document.WriteString("){" + strings.Repeat("x", long) + ":me{name ")
	for i := range many {
		fmt.Fprintf(&document, "email@include(if:$v%d) ", i)
	}
	document.WriteString("}}")
	for name, change := range map[string]func(*gateway.Config){
		"errors":     func(*gateway.Config) {},
		"extensions": func(c *gateway.Config) { c.Authorization.Errors.Location = "extensions" },
		"reject":     func(c *gateway.Config) { c.Authorization.Mode = "reject" },
		"dry run":    func(c *gateway.Config) { c.Authorization.DryRun, c.Authorization.Errors.Explain = true, true },
	} {
		got := send(t, protectedShop(t, change), document.String(), bearer(t, "", "")...)
		count := strings.Count(got.body, `"affectedPath"`)
		if len(got.body) > 2<<20 || count == 0 || count > 10 {
			t.Errorf("%s: %d bytes, %d denials", name, len(got.body), count)
		}
		if want := fmt.Sprintf(`{"message":"%d more unauthorized fields or types"`, many-count); !strings.Contains(got.body, want) {
			t.Errorf("%s: no %s", name, want)
		}
	}
}
