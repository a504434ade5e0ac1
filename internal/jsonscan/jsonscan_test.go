package jsonscan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

const depth = 50

// scan goes over the one value that text is.
func scan(text string, pairs bool) (*jsonscan.Scanner, bool) {
	s := &jsonscan.Scanner{Src: []byte(text), Depth: depth, Pairs: pairs}
	return s, s.Value() && s.End()
}

func Example() {
	s := jsonscan.Scanner{Src: []byte(`{"name": "caf\u00e9", "sizes": [1, 2.5]}`), Depth: 8}
	for more, _ := s.Open('}'); more; more, _ = s.Next('}') {
		name, _ := s.Name()
		s.Peek()
		from := s.At
		s.Value()
		fmt.Printf("%s is %s\n", jsonscan.Content(name), s.Src[from:s.At])
	}
	fmt.Println(s.End())
	// Output:
	// name is "caf\u00e9"
	// sizes is [1, 2.5]
	// true
}

// TestProblems: what is no JSON, why, and where.
func TestProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                           "invalid value at byte 1",
		` x`:                         "invalid value at byte 2",
		`tru`:                        "invalid value at byte 1",
		`nulll`:                      "unexpected text after the value at byte 5",
		"1 \x00":                     "unexpected text after the value at byte 3",
		`-`:                          "invalid number at byte 2",
		`+1`:                         "invalid value at byte 1",
		`01`:                         "unexpected text after the value at byte 2",
		`1.`:                         "invalid number at byte 3",
		`1e+`:                        "invalid number at byte 4",
		`[1 2]`:                      "expected ',' or the closing bracket at byte 4",
		`[1,]`:                       "invalid value at byte 4",
		`[1}`:                        "expected ',' or the closing bracket at byte 3",
		`{"a":1`:                     "expected ',' or the closing bracket at byte 7",
		`{"a":1,}`:                   "expected the name of a member at byte 8",
		`{a:1}`:                      "expected the name of a member at byte 2",
		`{"a" 1}`:                    "expected ':' at byte 6",
		`{"a":}`:                     "invalid value at byte 6",
		`"a`:                         "unterminated string at byte 3",
		`"a\"`:                       "unterminated string at byte 5",
		`"a\`:                        "invalid escape in a string at byte 3",
		`"123456789\x"`:              "invalid escape in a string at byte 11",
		`"\u12g4"`:                   "invalid escape in a string at byte 2",
		`"\u12`:                      "invalid escape in a string at byte 2",
		"\"a\n\"":                    "control character in a string at byte 3",
		"\"ü\xff\"":                  "invalid UTF-8 in a string at byte 4",
		"\"\xed\xa0\x80\"":           "invalid UTF-8 in a string at byte 2",
		"\"\xc3":                     "unterminated string at byte 3",
		"\ufeff1":                    "invalid value at byte 1",
		`"\ud83d\ude00\ud83d`:        "half of a surrogate pair in a string at byte 14",
		`"\udc00"`:                   "half of a surrogate pair in a string at byte 2",
		`"\ud800\u0041"`:             "half of a surrogate pair in a string at byte 2",
		strings.Repeat("[", depth+1): fmt.Sprint("nested too deeply at byte ", depth+1),
	} {
		s, ok := scan(text, true)
		if ok {
			t.Errorf("%q is accepted", text)
		} else if got := s.Err(); got.Error() != want || !errors.Is(got, s.Problem) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestDepth: what is left gives its level back.
func TestDepth(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat(`{"a":[`, n/2) + strings.Repeat(`]}`, n/2) }
	for text, want := range map[string]bool{
		nested(depth):     true,
		nested(depth + 2): false,
		`[` + strings.Repeat(nested(depth-2)+`,{},[],`, 9) + `1]`: true,
	} {
		if s, ok := scan(text, false); ok != want || ok && s.Depth != depth {
			t.Errorf("%s: %t, and %d levels are left", text, ok, s.Depth)
		}
	}
	s := jsonscan.Scanner{Src: []byte(`[]`)}
	if s.Value() || !errors.Is(s.Err(), jsonscan.TooDeep) {
		t.Error("without a depth something may be opened")
	}
}

// FuzzScan holds the Scanner against encoding/json, which lets invalid UTF-8 pass, and what is said of strings against it and
// against the signature, which refuses halves of surrogate pairs.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		``, ` `, `null`, `nul`, `truefalse`, `"`, `""`, `"\"`, `"\\"`, `"\u00e9"`, `"\u00g9"`, "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"\xed\xa0\x80\"",
		`"ü€😀"`, `"12345678"`, `"1234567\n"`, `"123456\\8"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\b\f\n\r\t\/\"x"`, `"\ud83dxxxxxx"`, `"\ud83d\nxxxx"`,
		`"\ud83d\u00e9"`, `"\ud83d\ude0`, `"\u0000\u007f"`, `"\ud800\ud800\udc00"`, `"\\ud800"`, `"\\\ud800"`, `"\ufffd"`, `{"\ud800":1}`, `["x","\udfff"]`,
		`0`, `-0`, `-`, `01`, `1.`, `.1`, `1.5`, `1e`, `1e5`, `1E+05`, `1e-`, `--1`, `1 2`, `[`, `]`, `[,]`, `[1 2]`, `[[[]]]`, `[]]`,
		`{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":{"b":[1,{"c":null}]}}`, "\t{\r\n}\x00", "\ufeff{}", `{"a":1}{}`, "\u00a0",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, got := scan(text, false)
		if !got && s.Problem == jsonscan.TooDeep {
			return
		}
		if want := json.Valid([]byte(text)) && utf8.ValidString(text); got != want {
			t.Fatalf("%q: valid %t, encoding/json says %t", text, got, want)
		}
		if !got {
			if s.At > len(text) || s.Err() == nil {
				t.Fatalf("%q: %v", text, s.Err())
			}
			return
		}
		_, err := signature.AppendCanonical(nil, []byte(text))
		_, paired := scan(text, true)
		if unicode := jsonscan.IsUnicode([]byte(text)); unicode != (err == nil) || paired != unicode {
			t.Fatalf("%q: characters only %t, with pairs only %t, and the signature says %v", text, unicode, paired, err)
		}
		quoted := strings.Trim(text, " \t\r\n")
		if quoted[0] != '"' {
			return
		}
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if content := jsonscan.Content([]byte(quoted)); string(content) != want || string(jsonscan.AppendContent([]byte("x"), []byte(quoted))) != "x"+want {
			t.Fatalf("%q: content %q, encoding/json says %q", text, content, want)
		}
		if jsonscan.IsPlain([]byte(quoted)) != (quoted[1:len(quoted)-1] == want && !strings.Contains(quoted, `\`)) {
			t.Fatalf("%q: plain %t", text, jsonscan.IsPlain([]byte(quoted)))
		}
	})
}

// BenchmarkValue goes over a body as subgraphs send it.
func BenchmarkValue(b *testing.B) {
	text := []byte(`{"data":{"users":[` + strings.Repeat(`{"id":"12345","name":"Ada Lovelace, countess","age":36,"score":-1.5e3,"tags":["a","é"],"x":null},`, 100) + `{}]}}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s := jsonscan.Scanner{Src: text, Depth: depth}
		if !s.Value() {
			b.Fatal(s.Err())
		}
	}
}
