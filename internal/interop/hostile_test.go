//go:build unix

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

// forger spells one request in other ways, some of which some parser takes for another request.
type forger struct{ random *rand.Rand }

func (f *forger) one(of ...string) string { return of[f.random.IntN(len(of))] }

// rarely is true one time in n.
func (f *forger) rarely(n int) bool { return f.random.IntN(n) == 0 }

// body writes a request with the signature of another spelling.
func (f *forger) body(query string, variables any, mac string) string {
	members := []string{
		f.name("query") + f.space() + ":" + f.space() + f.text(query),
		f.name("variables") + ":" + f.value(variables, 0),
		f.name("extensions") + `:{` + f.name("hmac-signature") + `:"` + mac + `"` + f.extra(`,"jwt":{"payload":{"sub":"root@"}}`, `,"JWT":{}`, `,"persistedQuery":{"version":1}`) + `}`,
	}
	if f.rarely(3) {
		members = append(members, f.name("operationName")+":"+f.one(`null`, `"A"`, `"\ud800"`, "\"\xff\"", `1`))
	}
	if f.rarely(4) { // a second member, before or after the first
		members = append(members, f.one(`"query":"{evil}"`, `"Query":"{evil}"`, `"QUERY":null`, `"quer\u0079":"{evil}"`, `"variables":{"evil":1}`, `"Variables":{"evil":1}`,
			`"variable\u017f":{"evil":1}`, "\"variable\u017f\":{\"evil\":1}", "\"query\\u0000\":\"{evil}\"", "\"query\x00\":\"{evil}\"", `"\ufeffquery":"{evil}"`, "\"qu\xffery\":1",
			`"":{}`, `"__proto__":{"query":"{evil}"}`, `"constructor":1`, `"toJSON":1`, `"id":"evil"`))
	}
	f.random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return f.prefix() + "{" + strings.Join(members, f.space()+",") + "}" + f.extra(" ", "\x00", "{}", "]", `{"query":"{evil}"}`, "\xef\xbb\xbf", "//", ",")
}

func (f *forger) prefix() string {
	if f.rarely(30) {
		return f.one("\xef\xbb\xbf", "\x00", "[", " ", "\u00a0", "\x0c", "\xff\xfe")
	}
	return ""
}

func (f *forger) extra(of ...string) string {
	if f.rarely(15) {
		return f.one(of...)
	}
	return ""
}

func (f *forger) space() string { return f.one("", "", "", " ", "\t", "\r\n") }

// name writes a member's name, seldom with an escape, in another case or with something invisible.
func (f *forger) name(name string) string {
	if f.rarely(40) {
		at := f.random.IntN(len(name))
		return `"` + name[:at] + f.one(fmt.Sprintf(`\u%04x`, name[at]), strings.ToUpper(name[at:at+1]), "\\u0000", "\xef\xbb\xbf", "\u212a", "\u017f", "\xff") + name[at+1:] + `"`
	}
	return `"` + name + `"`
}

// text writes a string, its characters escaped or not.
func (f *forger) text(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch short := strings.IndexRune("\b\f\n\r\t\"\\/", r); {
		case short >= 0 && !f.rarely(3):
			b.WriteString(`\` + `bfnrt"\/`[short:short+1])
		case r < ' ' && !f.rarely(200) || r == '"' || r == '\\' || f.rarely(8):
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, f.one(`\u%04x`, `\u%04X`), unit)
			}
		default:
			b.WriteRune(r)
		}
		if f.rarely(400) {
			b.WriteString(f.one(`\ud800`, `\udc00`, "\xff", "\xed\xa0\x80", `\x41`, `\u00`, "\x00", `\ud83d\u0041`))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// value writes a value, its members in any order, its numbers in any spelling.
func (f *forger) value(value any, depth int) string {
	switch value := value.(type) {
	case string:
		return f.text(value)
	case float64:
		return f.number(value)
	case []any:
		parts := make([]string, len(value))
		for i := range value {
			parts[i] = f.value(value[i], depth+1)
		}
		return "[" + strings.Join(parts, f.space()+",") + "]"
	case map[string]any:
		var parts []string
		for name, value := range value {
			parts = append(parts, f.space()+f.text(name)+":"+f.value(value, depth+1))
			if f.rarely(60) {
				parts = append(parts, f.one(f.text(name), `"evil"`, `"__proto__"`)+`:"evil"`)
			}
		}
		f.random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		return "{" + strings.Join(parts, ",") + "}"
	}
	return map[any]string{nil: "null", true: "true", false: "false"}[value]
}

// number writes a number, or one that is rounded to it, or seldom another one.
func (f *forger) number(value float64) string {
	text := signedNumber(value)
	switch f.random.IntN(8) {
	case 0:
		return fmt.Sprintf("%.25e", value)
	case 1:
		if !strings.ContainsAny(text, ".e") {
			return text + f.one(".0", "e0", "E+0", ".000e-0")
		}
	case 2:
		return fmt.Sprintf("%.1f", value) // all digits of large numbers
	case 3:
		if len(text) == 16 && !strings.ContainsAny(text, ".e") {
			return text[:15] + string(rune(text[15]^1)) // the same double from 2^53 on
		}
	case 4:
		if f.rarely(20) {
			return f.one("1e400", "-1e400", "01", "1.", ".5", "+1", "0x1", "NaN", "1e", "--1", "1_0")
		}
	}
	return text
}

func signedNumber(value float64) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// executed is a request that got through.
type executed struct {
	body     []byte // that was sent
	handed   []byte // that the handler got
	verified string // the text that was signed
}

// TestVerifiedIsExecuted spells signed requests in hostile ways. Whatever gets through to a handler means to it what was signed, whichever
// parser it uses.
func TestVerifiedIsExecuted(t *testing.T) {
	t.Parallel()
	var handed []byte
	verifier, err := subgraph.New(subgraph.Config{
		Name: "people", Require: subgraph.ExtensionSignature, ExtensionKeys: []subgraph.Key{{ID: "extension", Key: []byte(extensionSecret)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := verifier.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if handed, err = io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
	}))
	key, err := signature.NewKey("extension", []byte(extensionSecret))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(11, 12))
	f := &forger{random}
	var accepted []executed
	const tries = 10_000
	for range tries {
		query := encode(decodeString(randomString(random)) + "{a}")
		variables := `{"a":` + randomJSON(random, 3) + `,"n":` + f.one("9007199254740992", "1234567890123456", "1e21", "0.1", "7") + `,"id":1,"Id":2}`
		text, err := signature.AppendCanonicalRequest(nil, []byte(query), []byte(variables))
		if err != nil {
			t.Fatal(err)
		}
		var decoded any
		if err := json.Unmarshal([]byte(variables), &decoded); err != nil {
			t.Fatal(err)
		}
		body := f.body(decodeString(query), decoded, string(key.AppendMAC(nil, text)))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		handed = nil
		handler.ServeHTTP(httptest.NewRecorder(), r)
		if handed != nil {
			accepted = append(accepted, executed{[]byte(body), handed, string(text)})
		}
	}
	t.Logf("%d of %d were accepted", len(accepted), tries)
	if len(accepted) < tries/10 || len(accepted) > tries*9/10 {
		t.Errorf("%d of %d were accepted: that is no test", len(accepted), tries)
	}
	for _, e := range accepted {
		for name, execute := range map[string]func([]byte) (string, error){"Go": decodeGo, "bytes": decodeBytes, "first": decodeFirst} {
			if got, err := execute(e.handed); err != nil || got != e.verified {
				t.Errorf("%s: %q\nexecutes %s, %v\nverified %s", name, e.handed, got, err, e.verified)
			}
		}
		if bytes.Contains(e.handed, []byte("root@")) { // with a letter that no signature in base64 has
			t.Errorf("%q has an identity that nobody signed", e.handed)
		}
	}
	askJavaScript(t, accepted)
}

func decodeString(text string) string {
	var s string
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		panic(err) // the tests made the text
	}
	return s
}

// decodeGo is what relay.Handler of graph-gophers/graphql-go executes, and most others that decode into a struct.
func decodeGo(body []byte) (string, error) {
	var r struct {
		Query         string         `json:"query"`
		OperationName any            `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&r); err != nil {
		return "", err
	}
	variables, err := json.Marshal(r.Variables)
	if err != nil {
		return "", err
	}
	text, err := signature.AppendCanonicalRequest(nil, []byte(encode(r.Query)), variables)
	return string(text), err
}

// decodeBytes is what those execute to whom the order of members and the spelling of numbers mean something: gqlgen and our
// federation.Handler keep the digits of numbers, and representations are decoded into structs, where of "id" and "Id" the last one
// counts.
func decodeBytes(body []byte) (string, error) {
	var r struct {
		Query     string
		Variables json.RawMessage
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return "", err
	}
	text, err := signature.AppendCanonicalString([]byte(`{"query":`), r.Query)
	return string(text) + `,"variables":` + string(r.Variables) + `}`, err
}

// decodeFirst is what those execute to whom case means nothing, and of two members the first one counts.
func decodeFirst(body []byte) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.Token(); err != nil {
		return "", err
	}
	found := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return "", err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return "", err
		}
		if lower := strings.ToLower(name.(string)); found[lower] == nil {
			found[lower] = value
		}
	}
	text, err := signature.AppendCanonicalRequest(nil, found["query"], found["variables"])
	return string(text), err
}

// askJavaScript compares what GraphQL Yoga would verify for the requests, those that were sent and those that were handed on.
func askJavaScript(t *testing.T, accepted []executed) {
	t.Helper()
	t.Run("JavaScript", func(t *testing.T) {
		t.Parallel()
		needs(t, "yoga", "graphql-yoga")
		bodies := make([]string, 0, 2*len(accepted))
		for _, e := range accepted {
			bodies = append(bodies, string(e.body), string(e.handed))
		}
		in, err := json.Marshal(bodies)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		if err := json.Unmarshal(script(t, "yoga", in, "canonical.mjs"), &texts); err != nil || len(texts) != len(bodies) {
			t.Fatal(len(texts), err)
		}
		for i, text := range texts {
			if want := accepted[i/2].verified; text != want {
				t.Errorf("%q\nexecutes %s\nverified %s", bodies[i], text, want)
			}
		}
	})
}
