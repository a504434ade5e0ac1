package signature

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
)

// vectors are signatures that another implementation made.
func vectors(t *testing.T) []extensionVector {
	t.Helper()
	text, err := os.ReadFile("testdata/extension-hmac.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []extensionVector }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) == 0 {
		t.Fatal(len(file.Vectors), err)
	}
	return file.Vectors
}

type extensionVector struct{ Secret, Body, Signed, Signature string }

func TestExtensionVectors(t *testing.T) {
	t.Parallel()
	for i, v := range vectors(t) {
		var body struct{ Query, Variables json.RawMessage }
		if err := json.Unmarshal([]byte(v.Body), &body); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []mode{forSigning, forVerifying} {
			text, err := appendRequest([]byte("x"), body.Query, body.Variables, mode)
			if err != nil || string(text) != "x"+v.Signed {
				t.Errorf("%d: got %s, %v\nwant %s", i, text, err, v.Signed)
			}
		}
		key := newKey("short", []byte(v.Secret)) // shorter than what we accept
		if got := string(key.AppendMAC(nil, []byte(v.Signed))); got != v.Signature {
			t.Errorf("%d: got %s, want %s", i, got, v.Signature)
		}
		if !key.VerifyMAC([]byte(v.Signed), v.Signature) {
			t.Errorf("%d: does not verify", i)
		}
	}
}

func TestVerifyMAC(t *testing.T) {
	t.Parallel()
	key := testKey(t, "k", "a")
	text := []byte(`{"query":"{a}"}`)
	mac := string(key.AppendMAC(nil, text))
	if !key.VerifyMAC(text, mac) {
		t.Fatal("does not verify")
	}
	for name, tc := range map[string]struct {
		key       *Key
		text, mac string
	}{
		"other text":     {key, `{"query":"{b}"}`, mac},
		"other key":      {testKey(t, "k", "b"), string(text), mac},
		"nothing":        {key, string(text), ""},
		"without pad":    {key, string(text), strings.TrimRight(mac, "=")},
		"line end":       {key, string(text), mac[:20] + "\n" + mac[21:]},
		"longer":         {key, string(text), mac + "\n"},
		"other spelling": {key, string(text), otherSpelling(mac)},
		"URL alphabet":   {key, string(text), strings.Repeat("-", 43) + "="},
		"33 bytes":       {key, string(text), strings.Repeat("A", 44)},
	} {
		if tc.key.VerifyMAC([]byte(tc.text), tc.mac) {
			t.Errorf("%s: verifies", name)
		}
	}
}

// otherSpelling changes the bits of the last character that do not count.
func otherSpelling(mac string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(alphabet, mac[42])
	return mac[:42] + alphabet[last^1:last^1+1] + "="
}

func TestAppendCanonical(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{`null`, `null`},
		{" [ true , false ]\r\n\t", `[true,false]`},
		{`{}`, `{}`}, {`[]`, `[]`}, {`[{}]`, `[{}]`},
		{`{"b":1,"a":2}`, `{"a":2,"b":1}`},
		{`{"a":1,"b":{"d":1,"c":{"z":0,"y":[{"n":1,"m":2}]}}}`, `{"a":1,"b":{"c":{"y":[{"m":2,"n":1}],"z":0},"d":1}}`},
		{`{"ab":1,"a":2,"a!":3,"a ":4,"":5}`, `{"":5,"a":2,"a ":4,"a!":3,"ab":1}`},
		{`{"10":1,"9":2,"1":3}`, `{"1":3,"10":1,"9":2}`},
		{"{\"\uFFFD\":1,\"\U0001F600\":2,\"\uE000\":3,\"z\":4}", "{\"z\":4,\"\U0001F600\":2,\"\uE000\":3,\"\uFFFD\":1}"},
		{`{"\"":1,"!":2,"#":3,"\n":4,"\\":5,"[":6,"]":7}`, `{"\n":4,"!":2,"\"":1,"#":3,"[":6,"\\":5,"]":7}`},
		{`"\u0041\/\u00e9\u2028\u007f<>&\ud83d\ude00\u0000\u001F\b\f\n\r\t\u0022\u005C"`, "\"A/é\u2028\u007f<>&😀\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\\""},
		{`1.0`, `1`}, {`-0`, `0`}, {`-0.0e5`, `0`}, {`1e21`, `1e+21`}, {`1e-7`, `1e-7`}, {`123456789012345678`, `123456789012345680`},
		{`-1.5e-10`, `-1.5e-10`}, {`0.000001`, `0.000001`}, {`1e20`, `100000000000000000000`}, {`1.7976931348623157e308`, `1.7976931348623157e+308`},
		{`-12`, `-12`}, {`5e-325`, `0`}, {`999999999999999`, `999999999999999`}, {`0`, `0`}, {`100`, `100`}, {`12.5`, `12.5`}, {`123e-20`, `1.23e-18`},
	} {
		for _, mode := range []mode{forSigning, forVerifying} {
			got, err := appendCanonical([]byte("x"), []byte(tc.in), mode)
			if err != nil || string(got) != "x"+tc.want {
				t.Errorf("%s: got %s, %v, want %s", tc.in, got, err, tc.want)
			}
		}
	}
}

func TestCanonicalModes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"a":1,"a":2}`:                   `{"a":2}`,
		`{"a":1,"b":2,"\u0061":3}`:        `{"a":3,"b":2}`,
		`{"b":{"x":1,"x":[2]},"a":1e400}`: `{"a":null,"b":{"x":[2]}}`,
		`-1e999`:                          `null`,
	} {
		got, err := appendCanonical(nil, []byte(in), forSigning)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", in, got, err, want)
		}
		if got, err := appendCanonical([]byte("x"), []byte(in), forVerifying); err == nil || string(got) != "x" {
			t.Errorf("%s: got %s, %v, want an error", in, got, err)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		``, ` `, `nul`, `nulll`, `tru`, `+1`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `0x1`, `NaN`, `Infinity`, `1 2`, `{} {}`, `[1]x`,
		`"`, `"a`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x00\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"abcdefgh\x1fabcdefgh\"",
		`"\ud800"`, `"\ude00"`, `"\ud800\ud800"`, `"\ud800x"`, `"\ud83d\u0041"`, `{"\ud800":1}`,
		`[`, `[1`, `[1,`, `[1,]`, `[,1]`, `]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{1:2}`,
		"\xef\xbb\xbf1", "\u00a01",
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 1<<16),
	} {
		if got, err := appendCanonical([]byte("x"), []byte(in), forSigning); err == nil || string(got) != "x" {
			t.Errorf("%.40q: got %s, %v, want an error", in, got, err)
		}
	}
	deep := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)
	if _, err := appendCanonical(nil, []byte(deep), forVerifying); err != nil {
		t.Errorf("%d levels: %v", maxDepth, err)
	}
}

func TestAppendRequest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ query, variables, want string }{
		{`"{a}"`, ``, `{"query":"{a}"}`},
		{`"{a}"`, `null`, `{"query":"{a}"}`},
		{` "{\u0061}" `, ` { } `, `{"query":"{a}"}`},
		{`"{a}"`, `{"a":null}`, `{"query":"{a}","variables":{"a":null}}`},
		{`"{a}"`, `[1]`, ``}, {`"{a}"`, `"x"`, ``}, {`"{a}"`, `1`, ``}, {`"{a}"`, `{`, ``}, {`"{a}"`, `{}{}`, ``},
		{``, `{}`, ``}, {`null`, `{}`, ``}, {`{}`, `{}`, ``}, {`"`, `{}`, ``}, {`"a""b"`, ``, ``},
	} {
		got, err := appendRequest([]byte("x"), []byte(tc.query), []byte(tc.variables), forVerifying)
		if string(got) != "x"+tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%s %s: got %s, %v, want %s", tc.query, tc.variables, got, err, tc.want)
		}
	}
}

// A template writes the same text from its parts.
func TestBuildingBlocks(t *testing.T) {
	t.Parallel()
	const query = "query($b:Int $a:String){x(b:$b a:$a s:\"\\\"\")}\n"
	text := []byte(`{"query":`)
	text, err := AppendCanonicalString(text, query)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, `,"variables":{"a":`...)
	if text, err = appendCanonical(text, []byte(`"<\u0041>"`), forSigning); err != nil {
		t.Fatal(err)
	}
	text = appendNumber(append(text, `,"b":`...), 1e21)
	text = append(text, `}}`...)

	encoded, _ := json.Marshal(query)
	want, err := appendRequest(nil, encoded, []byte(`{"b":1000000000000000000000,"a":"<A>"}`), forSigning)
	if err != nil || string(text) != string(want) {
		t.Errorf("got %s\nwant %s, %v", text, want, err)
	}
	if got, err := AppendCanonicalString([]byte("x"), "a\xff"); err == nil || string(got) != "x" {
		t.Errorf("got %s, %v", got, err)
	}
	for f, want := range map[float64]string{math.NaN(): "null", math.Inf(-1): "null", math.Copysign(0, -1): "0", -1.5: "-1.5"} {
		if got := string(appendNumber(nil, f)); got != want {
			t.Errorf("%v: got %s", f, got)
		}
	}
}

// TestCanonicalDeep: objects within objects, all the way down, siblings and duplicates among them: what comes out is what
// encoding/json sorts, however much of it is out of order. Work that grows with the depth shows in BenchmarkCanonicalHostile.
func TestCanonicalDeep(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	var write func(b *strings.Builder, depth int)
	write = func(b *strings.Builder, depth int) {
		b.WriteByte('{')
		for i, n := range random.Perm(1 + random.IntN(4)) {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:", strconv.Itoa(n))
			if n == 0 && depth > 0 {
				write(b, depth-1)
			} else {
				fmt.Fprintf(b, `[%d,{"y":{"b":1,"a":2},"x":3},%d]`, i, depth)
			}
		}
		if random.IntN(8) == 0 {
			b.WriteString(`,"0":{"z":null,"y":0}`) // takes the place of all below
		}
		b.WriteByte('}')
	}
	for range 200 {
		var b strings.Builder
		write(&b, 400)
		var value any
		if err := json.Unmarshal([]byte(b.String()), &value); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := AppendCanonical([]byte("before"), []byte(b.String()))
		if err != nil || string(got) != "before"+string(want) {
			t.Fatalf("%s\ngot  %s, %v\nwant %s", b.String(), got, err, want)
		}
	}
}

func TestCompareKeys(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		a, b := randomText(random), randomText(random)
		want := slicesCompare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := compareNames(a, b); sign(got) != want {
			t.Fatalf("%q, %q: got %d, want %d", a, b, got, want)
		}
		x, _ := AppendCanonicalString(nil, a)
		y, _ := AppendCanonicalString(nil, b)
		first := member{keyEnd: len(x), plain: isPlain(x)}
		second := member{start: len(x), keyEnd: len(x) + len(y), plain: isPlain(y)}
		if got := first.compare(&second, append(x, y...)); sign(got) != want {
			t.Fatalf("%s, %s: got %d, want %d", x, y, got, want)
		}
	}
}

func slicesCompare(a, b []uint16) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return sign(int(a[i]) - int(b[i]))
		}
	}
	return sign(len(a) - len(b))
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// TestCanonicalAsJavaScript compares random values with what a JavaScript engine makes of them.
func TestCanonicalAsJavaScript(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the canonical text was not compared with JavaScript")
	}
	random := rand.New(rand.NewPCG(1, 2))
	texts := make([]string, 10_000)
	for i := range texts {
		var b strings.Builder
		writeRandom(&b, random, 5)
		texts[i] = b.String()
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), node, "testdata/canonical.mjs")
	command.Stdin, command.Stderr = bytes.NewReader(in), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(out, &want); err != nil || len(want) != len(texts) {
		t.Fatal(len(want), err)
	}
	var vectors bytes.Buffer
	for i, text := range texts {
		got, err := appendCanonical(nil, []byte(text), forSigning)
		if err != nil || string(got) != want[i] {
			t.Errorf("%s\ngot  %s, %v\nwant %s", text, got, err, want[i])
		}
		if len(text) < 200 && vectors.Len() < 64<<10 {
			line, err := json.Marshal([]string{text, want[i]})
			if err != nil {
				t.Fatal(err)
			}
			vectors.Write(append(line, '\n'))
		}
	}
	golden.Assert(t, javaScriptVectors, vectors.String())
}

// javaScriptVectors has some of the random values and what JavaScript made of them, for machines without Node.
const javaScriptVectors = "testdata/canonical-javascript.jsonl"

func TestCanonicalVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(javaScriptVectors)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if len(lines) < 500 {
		t.Fatalf("only %d vectors", len(lines))
	}
	for _, line := range lines {
		var vector [2]string
		if err := json.Unmarshal(line, &vector); err != nil {
			t.Fatal(err)
		}
		got, err := appendCanonical(nil, []byte(vector[0]), forSigning)
		if err != nil || string(got) != vector[1] {
			t.Errorf("%s\ngot  %s, %v\nwant %s", vector[0], got, err, vector[1])
		}
		// What JavaScript wrote is what JavaScript verifies: no duplicates are left in it.
		if got, err := appendCanonical(nil, []byte(vector[1]), forVerifying); err != nil || string(got) != vector[1] {
			t.Errorf("%s became %s, %v", vector[1], got, err)
		}
	}
}

// writeRandom writes a random JSON value, with white space, escapes and duplicate names.
func writeRandom(b *strings.Builder, random *rand.Rand, depth int) {
	space := func() { b.WriteString([]string{"", "", "", " ", "\t", "\r\n"}[random.IntN(6)]) }
	space()
	defer space()
	kind := random.IntN(7)
	if depth == 0 {
		kind = random.IntN(4)
	}
	switch kind {
	case 0:
		b.WriteString([]string{"null", "true", "false"}[random.IntN(3)])
	case 1:
		writeRandomString(b, random)
	case 2, 3:
		writeRandomNumber(b, random)
	case 4:
		b.WriteByte('[')
		for i := range random.IntN(5) {
			if i > 0 {
				b.WriteByte(',')
			}
			writeRandom(b, random, depth-1)
		}
		b.WriteByte(']')
	default:
		b.WriteByte('{')
		for i := range random.IntN(8) {
			if i > 0 {
				b.WriteByte(',')
			}
			space()
			writeRandomString(b, random)
			space()
			b.WriteByte(':')
			writeRandom(b, random, depth-1)
		}
		b.WriteByte('}')
	}
}

// randomText is short, so that names are sometimes equal or one starts as another.
func randomText(random *rand.Rand) string {
	pool := []rune("aab01_ !\"\\/<>&\x00\x1f\b\f\n\r\t\x7fé\u2028\u2029\u65e5\ud7ff\ue000\uffef\ufffd\uffff😀\U0001F601\U0010FFFF")
	var text []rune
	for range random.IntN(4) {
		text = append(text, pool[random.IntN(len(pool))])
	}
	if random.IntN(50) == 0 {
		text = append(text, []rune("__proto__")...)
	}
	return string(text)
}

func writeRandomString(b *strings.Builder, random *rand.Rand) {
	b.WriteByte('"')
	for _, r := range randomText(random) {
		short := strings.IndexRune("\b\f\n\r\t\"\\/", r)
		switch {
		case short >= 0 && random.IntN(2) == 0:
			b.WriteByte('\\')
			b.WriteByte(`bfnrt"\/`[short])
		case r < ' ' || r == '"' || r == '\\' || random.IntN(4) == 0:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(b, []string{`\u%04x`, `\u%04X`}[random.IntN(2)], unit)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString([]string{"", "", `\n`, `\/`, `\"`, `\\`, "a long run of characters without any escape"}[random.IntN(7)])
	b.WriteByte('"')
}

func writeRandomNumber(b *strings.Builder, random *rand.Rand) {
	switch random.IntN(6) {
	case 0:
		b.WriteString(strconv.Itoa(random.IntN(2000) - 1000))
	case 1:
		b.WriteString(strconv.FormatInt(int64(random.Uint64()), 10))
	case 2:
		f := math.Float64frombits(random.Uint64())
		for math.IsNaN(f) || math.IsInf(f, 0) {
			f = math.Float64frombits(random.Uint64())
		}
		b.WriteString(strconv.FormatFloat(f, "eg"[random.IntN(2)], -1, 64))
	case 3:
		b.WriteString(strconv.FormatFloat(random.NormFloat64()*math.Pow10(random.IntN(50)-25), 'f', random.IntN(30), 64))
	case 4:
		fmt.Fprintf(b, "%d.%de%d", random.IntN(10), random.IntN(1000), random.IntN(700)-350)
	default:
		b.WriteString([]string{"-0", "0", "0.0", "1e21", "1E-7", "1e+20", "9007199254740993", "5e-324", "2e308", "-1e-400", "0.1", "1e23"}[random.IntN(12)])
	}
}

// FuzzCanonical holds the canonicaliser against encoding/json and against itself.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":[1.0,"\u00e9"],"a":{"z":null,"y":-0}}`, `"\ud83d\ude00"`, `[1e999]`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := appendCanonical(nil, in, forSigning)
		if err != nil {
			if json.Valid(in) && !mayRefuse(in) {
				t.Fatalf("%q: %v, but it is JSON", in, err)
			}
			return
		}
		if !json.Valid(in) || !json.Valid(out) || !utf8.Valid(out) {
			t.Fatalf("%q became %q", in, out)
		}
		again, err := appendCanonical(nil, out, forVerifying)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q became %q, and that %q, %v", in, out, again, err)
		}
		var a, b any
		if json.Unmarshal(in, &a) != nil {
			return // a number beyond a double
		}
		if err := json.Unmarshal(out, &b); err != nil {
			t.Fatal(err)
		}
		// -0 and 0 are different texts of equal numbers.
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if x, y = bytes.ReplaceAll(x, []byte("-0"), []byte("0")), bytes.ReplaceAll(y, []byte("-0"), []byte("0")); !bytes.Equal(x, y) {
			t.Fatalf("%q became %q: %s is not %s", in, out, y, x)
		}
	})
}

// mayRefuse tells whether valid JSON may have what we refuse: invalid UTF-8, surrogates, depth.
func mayRefuse(in []byte) bool {
	return !utf8.Valid(in) || bytes.Contains(bytes.ToLower(in), []byte(`\ud`)) || bytes.Count(in, []byte("["))+bytes.Count(in, []byte("{")) > maxDepth
}
