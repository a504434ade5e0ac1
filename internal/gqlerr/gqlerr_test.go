package gqlerr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

func Example() {
	err := gqlerr.New(gqlerr.SubrequestTimeout, "subgraph %q did not answer in time", "reviews").
		WithPath(gqlerr.Key("products"), gqlerr.Index(2), gqlerr.Key("reviews")).
		WithExtension("service", gqlerr.AppendString(nil, "reviews")).
		Wrap(io.ErrUnexpectedEOF)

	fmt.Println(errors.Is(err, gqlerr.SubrequestTimeout))
	fmt.Println(err)
	fmt.Println(string(err.AppendJSON(nil)))
	// Output:
	// true
	// SUBREQUEST_TIMEOUT: subgraph "reviews" did not answer in time at products.2.reviews: unexpected EOF
	// {"message":"subgraph \"reviews\" did not answer in time","path":["products",2,"reviews"],"extensions":{"code":"SUBREQUEST_TIMEOUT","service":"reviews"}}
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  *gqlerr.Error
		want string
	}{
		"zero": {&gqlerr.Error{}, `{"message":"","extensions":{"code":"INTERNAL_SERVER_ERROR"}}`},
		"locations": {
			gqlerr.New(gqlerr.ValidationFailed, "no").At(1, 2).At(3, 4),
			`{"message":"no","locations":[{"line":1,"column":2},{"line":3,"column":4}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}`,
		},
		"index 0": {
			gqlerr.New(gqlerr.NullValue, "null").WithPath(gqlerr.Index(0), gqlerr.Key("a")),
			`{"message":"null","path":[0,"a"],"extensions":{"code":"NULL_VALUE_FOR_NON_NULL_FIELD"}}`,
		},
		"a subgraph's own code": {
			gqlerr.New("OUT_OF_STOCK", "none left"),
			`{"message":"none left","extensions":{"code":"OUT_OF_STOCK"}}`,
		},
	} {
		if got := string(tc.err.AppendJSON(nil)); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}

func TestMarshalJSONHidesCause(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(gqlerr.List{gqlerr.New(gqlerr.BadRequest, "x").Wrap(errors.New("secret host"))})
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"message":"x","extensions":{"code":"BAD_REQUEST"}}]`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCopiesDoNotShare(t *testing.T) {
	t.Parallel()
	base := gqlerr.New(gqlerr.ParseFailed, "x").At(1, 1).WithExtension("a", []byte("1"))
	one, two := base.At(2, 2).WithExtension("b", []byte("2")), base.At(3, 3).WithExtension("c", []byte("3"))
	if one.Locations[1].Line != 2 || two.Locations[1].Line != 3 {
		t.Error("copies share their locations")
	}
	if one.Extensions[1].Name != "b" || two.Extensions[1].Name != "c" {
		t.Error("copies share their extensions")
	}
	if len(base.Locations) != 1 || len(base.Extensions) != 1 || base.Err != nil || base.Path != nil {
		t.Error("the original changed")
	}
}

func TestIsAndAs(t *testing.T) {
	t.Parallel()
	inner := gqlerr.New(gqlerr.BadUserInput, "x").Wrap(io.EOF)
	for _, err := range []error{inner, fmt.Errorf("doing: %w", inner), gqlerr.List{gqlerr.New("A", "a"), inner}} {
		if !errors.Is(err, gqlerr.BadUserInput) || !errors.Is(err, io.EOF) {
			t.Errorf("%v: neither its code nor its cause is found", err)
		}
		if errors.Is(err, gqlerr.ParseFailed) {
			t.Errorf("%v: found a code that it does not have", err)
		}
		if _, ok := errors.AsType[*gqlerr.Error](err); !ok {
			t.Errorf("%v: no *Error found", err)
		}
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for want, err := range map[gqlerr.Code]error{
		"":                         nil,
		gqlerr.InternalServerError: io.EOF,
		gqlerr.BadUserInput:        fmt.Errorf("doing: %w", gqlerr.New(gqlerr.BadUserInput, "x")),
	} {
		if got := gqlerr.CodeOf(err); got != want {
			t.Errorf("CodeOf(%v) = %q, want %q", err, got, want)
		}
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	a, b := gqlerr.New("A", "a"), gqlerr.New("B", "b")
	const internal = "INTERNAL_SERVER_ERROR Internal server error"
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"nil":            {nil, ""},
		"foreign":        {errors.New("dial tcp 10.0.0.1"), internal},
		"wrapped":        {fmt.Errorf("secret: %w", a), "A a"},
		"cause is ours":  {a.Wrap(b), "A a"},
		"list":           {gqlerr.List{a, b}, "A a, B b"},
		"wrapped list":   {fmt.Errorf("secret: %w", gqlerr.List{b, a}), "B b, A a"},
		"joined":         {errors.Join(a, io.EOF, gqlerr.List{b}), "A a, " + internal + ", B b"},
		"joined, nested": {fmt.Errorf("secret: %w", errors.Join(io.EOF, errors.Join(b))), internal + ", B b"},
	} {
		var got []string
		for _, e := range gqlerr.Public(tc.err) {
			got = append(got, string(e.Code)+" "+e.Message)
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
	if got := gqlerr.Public(io.EOF)[0]; !errors.Is(got, io.EOF) {
		t.Error("the original is lost, so that it cannot be logged")
	}
}

func TestListErr(t *testing.T) {
	t.Parallel()
	if err := (gqlerr.List{}).Err(); err != nil {
		t.Errorf("an empty list is the error %v", err)
	}
	if err := (gqlerr.List{gqlerr.New("A", "a"), gqlerr.New("B", "b")}).Err(); err.Error() != "A: a\nB: b" {
		t.Errorf("got %q", err)
	}
	if got := string(gqlerr.List(nil).AppendJSON(nil)); got != "[]" {
		t.Errorf("got %s", got)
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a\"b\\c", "\x00\x1f\n\r\t", "ü \u2028 𝄞", "\xff\xc3", "a\xed\xa0\x80b", "\uFFFD"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		written := gqlerr.AppendString(nil, s)
		if !utf8.Valid(written) {
			t.Fatalf("%q is not UTF-8", written)
		}
		var got string
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		// The decoder of encoding/json replaces bytes that are not UTF-8 exactly as AppendString promises to.
		if want := string([]rune(s)); got != want {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	err := gqlerr.New(gqlerr.NullValue, "Cannot return null for non-null field Product.name.").
		WithPath(gqlerr.Key("topProducts"), gqlerr.Index(3), gqlerr.Key("name"))
	buf := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		buf = err.AppendJSON(buf[:0])
	}
}
