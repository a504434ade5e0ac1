package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// guardedLinks are the links of guardedSDL that cases replace.
const guardedLinks = `  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
`

// guardedSDL has a rule in every position where gateways are known to have overlooked one.
const guardedSDL = `schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
` + guardedLinks + `{ query: Query mutation: Mutation }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, external: Boolean, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar join__FieldSet
scalar join__FieldValue
scalar link__Import
scalar requiresScopes__Scope
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") }

type Query @join__type(graph: A) @join__type(graph: B) {
  open: String @join__field(graph: A)
  secret: String @join__field(graph: A) @authenticated
  animal: Animal @join__field(graph: A)
  animals: [Animal!] @join__field(graph: A)
  safe: Safe @join__field(graph: A)
  locked: Locked @join__field(graph: A)
  any: [Any!]! @join__field(graph: A)
  account: Account @join__field(graph: A)
  accounts: [Account] @join__field(graph: A)
  every: [Account!]! @join__field(graph: A)
  mood: Mood @join__field(graph: A)
  born: Date @join__field(graph: A)
  product: Product @join__field(graph: A)
  tree: Tree @join__field(graph: A)
}
type Mutation @join__type(graph: A) {
  first: String
  second: String @authenticated
  third: String
}
interface Animal @join__type(graph: A) { name: String age: Int }
type Dog implements Animal @join__type(graph: A) @join__implements(graph: A, interface: "Animal") { name: String @authenticated age: Int }
type Cat implements Animal @join__type(graph: A) @join__implements(graph: A, interface: "Animal") { name: String age: Int }
interface Locked @join__type(graph: A) { code: String @authenticated label: String }
type Safe implements Locked @join__type(graph: A) @join__implements(graph: A, interface: "Locked") { code: String label: String weight: Int }
union Any @join__type(graph: A) @join__unionMember(graph: A, member: "Dog") @join__unionMember(graph: A, member: "Cat") @join__unionMember(graph: A, member: "Safe") = Dog | Cat | Safe
type Account @join__type(graph: A) { id: ID! iban: String! @requiresScopes(scopes: [["iban"]]) bank: Bank! }
type Bank @join__type(graph: A) { name: String! @authenticated }
enum Mood @join__type(graph: A) @authenticated { GOOD @join__enumValue(graph: A) }
scalar Date @join__type(graph: A) @authenticated
type Product @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  cost: Int @join__field(graph: A) @join__field(graph: B, external: true) @authenticated
  margin: Int @join__field(graph: B, requires: "cost")
  size: Int @join__field(graph: B)
}
type Tree @join__type(graph: A, key: "id") @context(name: "a__tree") { id: ID! sap: Int @authenticated leaf: Leaf }
type Leaf @join__type(graph: A, key: "id") {
  id: ID!
  juice: Int @join__field(graph: A, contextArguments: [{context: "a__tree", name: "sap", type: "Int", selection: "{ sap }"}])
}
`

// allData is what the subgraphs answer to everything: more than was asked, and what nobody may see says "leaked" or 666.
var allData = map[string]string{
	"a": `{"__typename":"Query","open":"open","secret":"leaked","x":"leaked",
		"animal":{"__typename":"Cat","name":"Tom","age":1},
		"animals":[{"__typename":"Dog","name":"leaked","age":2},{"__typename":"Cat","name":"Tom","age":1}],
		"safe":{"__typename":"Safe","code":"leaked","c":"leaked","label":"L","weight":9},
		"locked":{"__typename":"Safe","code":"leaked","label":"L","weight":9},
		"any":[{"__typename":"Dog","name":"leaked","age":2},{"__typename":"Cat","name":"Tom","age":1},{"__typename":"Safe","code":"leaked","label":"L"}],
		"account":{"__typename":"Account","id":"1","iban":"leaked","bank":{"__typename":"Bank","name":"leaked"}},
		"accounts":[{"__typename":"Account","id":"1","iban":"leaked"},{"__typename":"Account","id":"2","iban":"leaked"}],
		"every":[{"__typename":"Account","id":"1","iban":"leaked"},{"__typename":"Account","id":"2","iban":"leaked"}],
		"mood":"GOOD","born":"2000-01-01",
		"product":{"__typename":"Product","id":"1","cost":666},
		"tree":{"__typename":"Tree","id":"1","sap":666,"leaf":{"__typename":"Leaf","id":"2","juice":666}},
		"first":"1","second":"leaked","third":"3","t":"3"}`,
	"b": `{"__typename":"Product","id":"1","margin":666,"size":5}`,
}

// answerAll answers as allData says; b answers to _entities.
func answerAll(subgraph string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Variables struct {
				Representations []json.RawMessage `json:"representations"`
			} `json:"variables"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		w.Header().Set("Content-Type", "application/json")
		data := allData[subgraph]
		if n := len(body.Variables.Representations); n > 0 {
			data = `{"_entities":[` + strings.TrimSuffix(strings.Repeat(allData["b"]+",", n), ",") + `]}`
		}
		_, _ = io.WriteString(w, `{"data":`+data+`}`)
	}
}

func guardedGateway(tb testing.TB, sdl string) *gatewaytest.Gateway {
	tb.Helper()
	return gatewaytest.New(tb, sdl, map[string]http.Handler{"a": answerAll("a"), "b": answerAll("b")}, withTokens(tb),
		func(c *gateway.Config) { c.Authorization.AllowUnconfigured = false })
}

// TestRegressions has the families of mistakes that the history of the field knows, each with its cases: an anonymous caller
// gets data, and the paths of what is denied, and no subgraph is asked for that.
func TestRegressions(t *testing.T) { //nolint:tparallel // the cases share a gateway that records
	t.Parallel()
	g := guardedGateway(t, guardedSDL)
	for _, tc := range []struct {
		name, document, data, denied string
		never                        string // words in no subgraph's document
	}{
		{"alias bypass", `{ open x: secret }`, `{"open":"open","x":null}`, "x", "secret"},
		{"alias bypass, under the name of an open field", `{ open: secret }`, `{"open":null}`, "open", "secret open"},
		{"alias bypass, twice", `{ secret open s: secret }`, `{"secret":null,"open":"open","s":null}`, "secret s", "secret"},
		{"alias bypass, below", `{ safe { c: code label } }`, `{"safe":{"c":null,"label":"L"}}`, "safe.c", "code"},
		{"alias bypass, variables and fragments", `query ($t: Boolean = true) { ...F @include(if: $t) } fragment F on Query { open ... @skip(if: false) { x: secret } }`, `{"open":"open","x":null}`, "x", "secret"},

		{"interface bypass, rule on the interface, by the type", `{ safe { code label } }`, `{"safe":{"code":null,"label":"L"}}`, "safe.code", "code"},
		{"interface bypass, rule on the interface, by a fragment", `{ locked { label ... on Safe { code weight } } }`, `{"locked":{"label":"L","code":null,"weight":9}}`, "locked.code", "code"},
		{"interface bypass, rule on the interface, by a union", `{ any { ... on Safe { code label } } }`, `{"any":[{},{},{"code":null,"label":"L"}]}`, "any.code", "code"},
		{"interface bypass, rule on the type, by the interface", `{ animals { name age } }`, `{"animals":[{"name":null,"age":2},{"name":null,"age":1}]}`, "animals.name", "name"},
		{"interface bypass, rule on the type, by a fragment on the interface", `{ any { ... on Animal { name age } } }`, `{"any":[{"name":null,"age":2},{"name":null,"age":1},{}]}`, "any.name", "name"},
		{"polymorphic bypass, the other type is open", `{ animals { ... on Dog { name } ... on Cat { name } } }`, `{"animals":[{"name":null},{"name":"Tom"}]}`, "animals.name", ""},
		{"polymorphic bypass, by nested fragments", `{ animals { ... on Animal { ... on Dog { ... on Animal { name } } } } }`, `{"animals":[{"name":null},{}]}`, "animals.name", "name"},

		{"@requires exposure", `{ product { id margin size } }`, `{"product":{"id":"1","margin":null,"size":5}}`, "product.margin", "cost margin"},
		{"@requires exposure, only that", `{ product { margin } }`, `{"product":{"margin":null}}`, "product.margin", "cost margin"},
		{"@fromContext exposure", `{ tree { id leaf { id juice } } }`, `{"tree":{"id":"1","leaf":{"id":"2","juice":null}}}`, "tree.leaf.juice", "sap juice"},

		{"enum rule ignored", `{ open mood }`, `{"open":"open","mood":null}`, "mood", "mood"},
		{"scalar rule ignored", `{ open born }`, `{"open":"open","born":null}`, "born", "born"},

		{"null in a non-null position", `{ open account { id iban } }`, `{"open":"open","account":null}`, "account.iban", "iban"},
		{"null in a non-null position, deep", `{ open account { id bank { name } } }`, `{"open":"open","account":null}`, "account.bank.name", "name"},
		{"null in a non-null position, nullable elements", `{ accounts { id iban } }`, `{"accounts":[null,null]}`, "accounts.iban", "iban"},
		{"null in a non-null position, up to the root", `{ open every { id iban } }`, `null`, "every.iban", "iban"},

		{"an allowed field nulled by a sibling", `{ animal { name ... on Cat { name age } } }`, `{"animal":{"name":"Tom","age":1}}`, "animal.name", ""},
		{"an allowed field nulled by a sibling, the other order", `{ animals { ... on Cat { name } name } }`, `{"animals":[{"name":null},{"name":"Tom"}]}`, "animals.name", ""},

		{"a denied union list corrupts data", `{ any { __typename ... on Dog { name } ... on Cat { age } ... on Safe { code } } }`, `{"any":[{"__typename":"Dog","name":null},{"__typename":"Cat","age":1},{"__typename":"Safe","code":null}]}`, "any.name any.code", "name code"},
		{"a denied union list corrupts data, all members denied", `{ any { ... on Dog { name } ... on Safe { code } } open }`, `{"any":[{"name":null},{},{"code":null}],"open":"open"}`, "any.name any.code", "name code"},

		{"a denied mutation runs", `mutation { first second third }`, `{"first":"1","second":null,"third":"3"}`, "second", "second"},
		{"a denied mutation runs, renamed", `mutation { first third: second t: third }`, `{"first":"1","third":null,"t":"3"}`, "third", "second"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := send(t, g, tc.document)
			data, denied := taken(t, got.body)
			if got.status != http.StatusOK || data != tc.data || denied != tc.denied || strings.Contains(got.body, "leaked") || strings.Contains(got.body, "666") {
				t.Errorf("%s: got %d %s", tc.document, got.status, got.body)
			}
			assertNeverAsked(t, tc.name, g.Requests(), strings.Fields(tc.never))
		})
	}
}

// taken takes an answer apart: its data, and what its errors name, which must all be denials.
func taken(t *testing.T, body string) (data, denied string) {
	t.Helper()
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Extensions struct{ Code, AffectedPath, Reason string } `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	paths := make([]string, len(answer.Errors))
	for i, e := range answer.Errors {
		paths[i] = e.Extensions.AffectedPath
		if e.Extensions.Code != "UNAUTHORIZED_FIELD_OR_TYPE" || e.Extensions.Reason != "UNAUTHENTICATED" {
			t.Errorf("%s", body)
		}
	}
	return string(answer.Data), strings.Join(paths, " ")
}

// TestDirectivesUnderOtherNames: directives hold under any name that a link gives them, and what nothing explains is refused.
func TestDirectivesUnderOtherNames(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer("@authenticated ", "@login ", "@authenticated\n", "@login\n", "@requiresScopes(", "@may(", "requiresScopes__Scope", "may__Scope")
	spec := `  @link(url: "https://specs.apollo.dev/`
	for name, tc := range map[string]struct {
		sdl, fails string
	}{
		"as": {strings.Replace(other.Replace(guardedSDL), guardedLinks, spec+`authenticated/v0.1", as: "login", for: SECURITY)
`+spec+`requiresScopes/v0.1", as: "may", for: SECURITY)
`, 1), ""},
		"import": {strings.Replace(other.Replace(guardedSDL), guardedLinks, spec+`authenticated/v0.1", import: [{name: "@authenticated", as: "@login"}], for: SECURITY)
`+spec+`requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@may"}], for: SECURITY)
`, 1), ""},
		"unlinked":        {strings.Replace(guardedSDL, guardedLinks, "", 1), "no @link explains @authenticated"},
		"unknown version": {strings.Replace(guardedSDL, "authenticated/v0.1", "authenticated/v0.9", 1), "unknown version"},
		"of federation":   {strings.ReplaceAll(strings.Replace(guardedSDL, guardedLinks, "", 1), "@authenticated", "@federation__authenticated"), "no @link explains @federation__authenticated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.fails != "" {
				g, err := gateway.New(gateway.DefaultConfig(), gateway.WithSupergraph([]byte(tc.sdl)))
				if err == nil {
					g.Close()
				}
				if err == nil || !strings.Contains(err.Error(), tc.fails) {
					t.Errorf("got %v", err)
				}
				return
			}
			g := guardedGateway(t, tc.sdl)
			data, denied := taken(t, send(t, g, `{ open secret account { iban } }`).body)
			if data != `{"open":"open","secret":null,"account":null}` || denied != "secret account.iban" {
				t.Errorf("%s, denied %s", data, denied)
			}
			if got := send(t, g, `{ secret account { iban } }`, bearer(t, "iban", "")...).body; got != `{"data":{"secret":"leaked","account":{"iban":"leaked"}}}` {
				t.Errorf("who may see it gets %s", got)
			}
		})
	}
}

// TestSharingDoesNotMix: identical documents of two callers at the same time share a request to a subgraph only if the
// subgraph is asked the same, and each gets only what is theirs.
func TestSharingDoesNotMix(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	both := make(chan struct{})
	g := gatewaytest.New(t, guardedSDL, map[string]http.Handler{"a": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 2 {
			close(both)
		}
		<-both // so that the requests are in flight at the same time
		answerAll("a")(w, r)
	})}, withTokens(t))
	answers := make(chan string, 2)
	for _, header := range [][]string{nil, bearer(t, "iban", "")} {
		go func() { answers <- send(t, g, `{ open account { id iban } }`, header...).body }()
	}
	got := []string{<-answers, <-answers}
	if strings.Contains(got[0], "leaked") == strings.Contains(got[1], "leaked") {
		t.Errorf("got %s", got)
	}
	for _, answer := range got {
		if strings.Contains(answer, "leaked") == strings.Contains(answer, "UNAUTHORIZED") {
			t.Errorf("got %s", answer)
		}
	}
}
