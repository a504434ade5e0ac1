package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a test that notes how it fails instead of failing.
type recorder struct {
	testing.TB

	failure string
}

func (r *recorder) Helper()      {}
func (r *recorder) Name() string { return "TestX" }
func (r *recorder) Errorf(format string, args ...any) {
	r.failure += fmt.Sprintf(format, args...)
}

// setUpdate sets the flag -update for one test.
func setUpdate(t *testing.T, to bool) {
	t.Helper()
	before := *update
	*update = to
	t.Cleanup(func() { *update = before })
}

func TestAssert(t *testing.T) {
	setUpdate(t, false)
	path := filepath.Join(t.TempDir(), "a.golden")
	if err := os.WriteFile(path, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ path, got, failure string }{
		"same":      {path, "one\ntwo\n", ""},
		"different": {path, "one\n2\n", "@@ line 1\n one\n-two\n+2\n"},
		"missing":   {path + "x", "one\n", "does not exist; create it with: go test -run '^TestX$' -update\none\n"},
	} {
		r := &recorder{TB: t}
		Assert(r, tc.path, tc.got)
		if (tc.failure == "") != (r.failure == "") || !strings.Contains(r.failure, tc.failure) {
			t.Errorf("%s: failed with %q, want %q", name, r.failure, tc.failure)
		}
	}
}

func TestUpdate(t *testing.T) {
	setUpdate(t, true)
	path := filepath.Join(t.TempDir(), "new", "a.golden")
	for _, got := range []string{"one\n", "two\n"} {
		Assert(t, path, got)
		if written, err := os.ReadFile(path); err != nil || string(written) != got {
			t.Errorf("wrote %q, %v, want %q", written, err, got)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("same\n", 10)
	for name, tc := range map[string]struct{ a, b, want string }{
		"insert":        {"a\nc\n", "a\nb\nc\n", "@@ line 1\n a\n+b\n c\n"},
		"delete":        {"a\nb\nc\n", "a\nc\n", "@@ line 1\n a\n-b\n c\n"},
		"moved":         {"a\nb\n", "b\na\n", "@@ line 1\n-a\n b\n+a\n"},
		"no newline":    {"a\n", "a", "@@ line 1\n-a\n+a⏎ no newline here\n"},
		"two places":    {"x\n" + long + "y\n", "X\n" + long + "Y\n", "@@ line 9\n same\n same\n same\n-y\n+Y\n"},
		"first of them": {"x\n" + long + "y\n", "X\n" + long + "Y\n", "@@ line 1\n-x\n+X\n same\n same\n same\n@@"},
	} {
		if got := diff(tc.a, tc.b); !strings.Contains(got, tc.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tc.want)
		}
	}
}

// TestDiffIsComplete applies diffs without context: the lines kept and added are the second text.
func TestDiffIsComplete(t *testing.T) {
	t.Parallel()
	big := strings.SplitAfter(strings.Repeat("a\nb\n", 1500), "\n")
	for _, tc := range [][2][]string{
		{{"a", "b", "c", "d"}, {"b", "x", "d", "a"}},
		{{}, {"a"}},
		{{"a"}, {}},
		{append([]string{"x"}, append(big, "y")...), append([]string{"z"}, append(big[1:], "w")...)}, // beyond the table
	} {
		var a, b []string
		for _, e := range compare(tc[0], tc[1]) {
			if e.kind != '+' {
				a = append(a, e.line)
			}
			if e.kind != '-' {
				b = append(b, e.line)
			}
		}
		if strings.Join(a, "|") != strings.Join(tc[0], "|") || strings.Join(b, "|") != strings.Join(tc[1], "|") {
			t.Errorf("the diff of %.40q and %.40q does not lead from one to the other", tc[0], tc[1])
		}
	}
}
