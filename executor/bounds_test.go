package executor

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// shared answers so that n users are one entity, which has n reviews, whose author is one entity, which has n friends: of 3*n
// values a response of n*n*n would be made.
func shared(n int, author string) *answers {
	list := func(element string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
	}
	return script(
		`accounts: {"data":{"users":`+list(`{"id":"1"}`)+`}}`,
		`reviews: {"data":{"_entities":[{"reviews":`+list(`{"author":{"id":"2"}}`)+`}]}}`,
		`accounts: {"data":{"_entities":[{"friends":`+list(`{"name":"f"}`)+author+`}]}}`,
	)
}

// TestSharedIsBounded: what shared entities expand to is bounded, whether it is kept or null propagation takes it back.
func TestSharedIsBounded(t *testing.T) {
	t.Parallel()
	for name, author := range map[string]string{"kept": `,"email":"e"`, "cut": `,"email":null`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, `{ users { reviews { author { friends { name } email } } } }`, "", shared(200, author), Options{MaxResponse: 1 << 20})
			if !strings.HasPrefix(got, `{"data":null,"errors":[`) || strings.Count(got, `"code":"RESPONSE_TOO_LARGE"`) != 1 {
				t.Errorf("got %d bytes: %.300s", len(got), got)
			}
		})
	}
}

// TestManyPlaces: an entity that stands at many places is decoded for each of them, but not without end.
func TestManyPlaces(t *testing.T) {
	t.Parallel()
	places, users := "", ""
	for i := range 50 {
		places += fmt.Sprintf(" a%d: me { score }", i)
		users += fmt.Sprintf(`,"a%d":{"id":"1"}`, i)
	}
	for size, refused := range map[int]bool{1 << 10: false, 1 << 20: true} {
		got := small().execute(t, "{"+places+"}", "", script(`accounts: {"data":{`+users[1:]+`}}`,
			`reviews: {"data":{"_entities":[{"score":1,"else":"`+strings.Repeat("x", size)+`"}]}}`), Options{MaxResponse: 1 << 20})
		if strings.Contains(got, `"a49":{"score":1}`) == refused || strings.Contains(got, "an answer with too many values") != refused {
			t.Errorf("%d bytes: got %.300s", size, got)
		}
	}
}

// TestSaidAgain: what an answer says again and again takes no memory.
func TestSaidAgain(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	const times = 1 << 20
	answer := `reviews: {"data":{"_entities":[{` + strings.Repeat(`"score":1,`, times) + `"score":2}]}}`
	subgraphs := script(`accounts: {"data":{"me":{"id":"1"}}}`, answer) // which makes a copy of each answer
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := small().execute(t, "{ me { score } }", "", subgraphs, Options{})
	runtime.ReadMemStats(&after)
	same(t, got, `{"data":{"me":{"score":2}}}`)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > uint64(len(answer))*3/2 {
		t.Errorf("%d bytes allocated", bytes)
	}
}

// TestWritingStops: a client that goes away while the response is written stops it.
func TestWritingStops(t *testing.T) {
	t.Parallel()
	plan := small().plan(t, `{ users { reviews { author { friends { name } email } } } }`)
	ctx, cancel := context.WithCancel(t.Context())
	answers := shared(200, `,"email":null`)
	calls := 0
	e := New(small().schema, upstream.DoerFunc(func(ctx context.Context, r *upstream.Request) (*upstream.Response, error) {
		if calls++; calls == 3 {
			defer cancel()
		}
		return answers.Do(ctx, r)
	}), Options{MaxResponse: math.MaxInt})
	program, err := e.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	result := e.Execute(ctx, program, &Request{})
	defer result.Release()
	if got := string(result.AppendJSON(nil)); !strings.HasPrefix(got, `{"data":null,`) || !strings.Contains(got, `"The request was cancelled"`) {
		t.Errorf("got %.300s", got)
	}
	if calls != 3 {
		t.Errorf("%d calls", calls)
	}
}

// TestRepresentationsAreBounded: representations that hold what many objects share are not multiplied without a limit, whether
// they are sent, are all the same, or lack the last member of their key.
func TestRepresentationsAreBounded(t *testing.T) {
	t.Parallel()
	const parts = `"parts":[{"__typename":"Box","size":1}]`
	product := func(upc string) string {
		return `{"upc":` + upc + `,"parts":[` + strings.Repeat(`{"__typename":"Bag","volume":1},`, 300) + `null]}`
	}
	many := func(n int, upc func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(product(upc(i)) + ",")
		}
		return `products: {"data":{"topProducts":[` + b.String() + `{"upc":"last",` + parts + `}]}}`
	}
	for name, upc := range map[string]func(int) string{
		"sent":     func(i int) string { return fmt.Sprintf(`"%d"`, i) },
		"the same": func(int) string { return `"1"` },
		"no key":   func(int) string { return `null` },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := script(many(200, upc))
			got := small().execute(t, `{ topProducts { fee } }`, "", a, Options{MaxBody: 16 << 10})
			if !strings.Contains(got, subgraphError("The entities to be looked up have more than 16384 bytes", `["topProducts"]`, "REPRESENTATION_LIMIT_EXCEEDED", "reviews")) ||
				!strings.HasPrefix(got, `{"data":{"topProducts":[{"fee":null},`) || len(a.sent["reviews"]) > 0 {
				t.Errorf("sent %d requests, got %.300s", len(a.sent["reviews"]), got)
			}
		})
	}
	t.Run("one", func(t *testing.T) {
		t.Parallel()
		a := script(many(1, func(int) string { return `"1"` }))
		if got := small().execute(t, `{ topProducts { fee } }`, "", a, Options{MaxBody: 4 << 10}); !strings.Contains(got, "REPRESENTATION_LIMIT_EXCEEDED") {
			t.Errorf("got %.300s", got)
		}
	})
}

// TestLongPaths: what is made of the path of an error is bounded.
func TestLongPaths(t *testing.T) {
	t.Parallel()
	text := []byte(`{"message":"m","path":[` + strings.Repeat(`"a",`, 1<<20) + `1]}`)
	e := readError(text)
	if len(e.path) != maxPath || e.message != "m" {
		t.Errorf("%d elements", len(e.path))
	}
}

// TestErrorBytes: response keys are as long as a client likes, and paths repeat them.
func TestErrorBytes(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k", 10_000)
	got := small().execute(t, `{ leaves { `+key+`: ints } }`, "",
		script(`accounts: {"data":{"leaves":{"`+key+`":[`+strings.Repeat(`"x",`, 900)+`1]}}}`), Options{})
	if len(got) > 1<<20+100_000 || strings.Count(got, "INVALID_VALUE_FOR_FIELD") < 50 {
		t.Errorf("%d bytes", len(got))
	}
}

// TestErrorsTimesObjects: an answer with many errors about an entity that stands for many objects costs a bounded number of
// steps.
func TestErrorsTimesObjects(t *testing.T) {
	t.Parallel()
	const objects, errors = 300_000, 1000
	plan := small().plan(t, `{ users { score } }`)
	answers := script(
		`accounts: {"data":{"users":[`+strings.Repeat(`{"id":"1"},`, objects)+`null]}}`,
		`reviews: {"data":{"_entities":[null]},"errors":[`+strings.Repeat(`{"message":"m","path":["_entities",0,"score"]},`, errors)+`{"message":"m"}]}`)
	e := New(small().schema, answers, Options{})
	program, err := e.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	r := e.newRun(program, &Request{})
	r.fetch(t.Context())
	defer r.finish(t.Context()).Release()
	// Every further error costs one step.
	if r.pathSteps > maxPathSteps+objects+10*errors {
		t.Errorf("%d steps", r.pathSteps)
	}
	if n := len(r.errors()); n < maxReported || n > 2*maxReported {
		t.Errorf("%d errors", n)
	}
}

// TestHiddenNames: no error names a slot that only the plan reads; its path ends above, and the message, which may hold its
// value, is withheld.
func TestHiddenNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query, want string
		answers     []string
	}{
		"an error in an inaccessible field": {
			`{ topProducts { n: name shipping } }`,
			`["topProducts",0]`,
			[]string{
				`products: {"data":{"topProducts":[{"n":"a","upc":"1","weight":1,"secret":null}]},"errors":[{"message":"m","path":["topProducts",0,"secret"]}]}`,
				`reviews: {"data":{"_entities":[{"shipping":1}]}}`,
			},
		},
		"an error below a field that is required": {
			`{ topProducts { n: name fee } }`,
			`["topProducts",0]`,
			[]string{
				`products: {"data":{"topProducts":[{"n":"a","upc":"1","parts":[null]}]},"errors":[{"message":"m","path":["topProducts",0,"parts",0,"size"]}]}`,
				`reviews: {"data":{"_entities":[{"fee":1}]}}`,
			},
		},
		"an error in a key": {
			`{ me { score } }`, `["me"]`,
			[]string{`accounts: {"data":{"me":{"id":null}},"errors":[{"message":"m","path":["me","id"]}]}`},
		},
		"an error with a code of its own": {
			`{ me { score } }`, `["me"]`,
			[]string{`accounts: {"data":{"me":{"id":null}},"errors":[{"message":"m","path":["me","id"],"extensions":{"code":"parts"}}]}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, c.query, "", script(c.answers...), Options{})
			if !strings.Contains(got, `{"message":"`+unaskedMessage+`","path":`+c.want+`,"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR"`) {
				t.Errorf("got %s", got)
			}
			for _, hidden := range []string{"secret", "parts", "id", "m"} {
				if strings.Contains(got, `"`+hidden+`"`) {
					t.Errorf("%s tells of %s", got, hidden)
				}
			}
		})
	}
}
