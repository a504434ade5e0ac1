//go:build unix

package interop

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is for machines on which everything else runs as well; nothing waits that long when all is well.
const patience = 5 * time.Minute

var required = flag.Bool("required", false, "fail where a program of others is not installed, instead of skipping")

// needs skips the test where Node or the package of a folder is not installed.
func needs(tb testing.TB, folder, npmPackage string) {
	tb.Helper()
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "node is not installed"
	} else if _, err := os.Stat(filepath.Join(folder, "node_modules", filepath.FromSlash(npmPackage))); err != nil {
		missing = fmt.Sprintf("%s is not installed; run: npm install --no-package-lock --prefix internal/interop/%s", npmPackage, folder)
	}
	switch {
	case missing == "":
	case *required:
		tb.Fatal(missing)
	default:
		tb.Skip(missing)
	}
}

// script runs a script of a folder to its end, with input as its standard input, and returns what it wrote.
func script(tb testing.TB, folder string, input []byte, arguments ...string) []byte {
	tb.Helper()
	var errs bytes.Buffer
	command := exec.CommandContext(tb.Context(), "node", arguments...)
	command.Dir, command.Stdin, command.Stderr = folder, bytes.NewReader(input), &errs
	out, err := command.Output()
	if err != nil {
		tb.Fatalf("%s/%s: %v\n%s", folder, arguments[0], err, &errs)
	}
	return out
}

// program is a server that was started for a test.
type program struct {
	URL    string // without a path
	ended  chan struct{}
	output output
}

// serve starts a program that listens on 127.0.0.1, at the port that takes the place of PORT in its arguments, and returns when
// it answers a GET of the path health with 200. When the test ends the program is killed with all that it started; its output is
// shown if the test failed. A program that ends before it answers is started a second time: somebody else may have got the port.
func serve(tb testing.TB, folder, health string, env []string, arguments ...string) *program {
	tb.Helper()
	for attempt := 1; ; attempt++ {
		p, err := start(tb, folder, env, arguments)
		if err == nil {
			err = p.wait(tb, health)
		}
		if err == nil {
			return p
		}
		if attempt == 2 {
			tb.Fatalf("%s/%s: %v", folder, arguments[0], err)
		}
	}
}

func start(tb testing.TB, folder string, env, arguments []string) (*program, error) {
	tb.Helper()
	port, err := freePort(tb)
	if err != nil {
		return nil, err
	}
	p := &program{URL: "http://127.0.0.1:" + port, ended: make(chan struct{})}
	arguments = append([]string(nil), arguments...)
	for i := range arguments {
		arguments[i] = strings.ReplaceAll(arguments[i], "PORT", port)
	}
	command := exec.Command("node", arguments...)
	command.Dir, command.Env = folder, append(os.Environ(), env...)
	command.Stdout, command.Stderr = &p.output, &p.output
	command.WaitDelay = 5 * time.Second
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// The programs end when their standard input does, so that they do not outlive a test that was killed.
	lifeline, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		_ = command.Wait()
	}()
	tb.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-p.ended
		_ = lifeline.Close()
		if tb.Failed() {
			tb.Logf("%s/%s wrote:\n%s", folder, arguments[0], p.output.String())
		}
	})
	return p, nil
}

// freePort returns a port of 127.0.0.1 at which nobody listens.
func freePort(tb testing.TB) (string, error) {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = listener.Close() }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

// wait returns when the program answers, or with an error when it ended or never does.
func (p *program) wait(tb testing.TB, health string) error {
	tb.Helper()
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	for until := time.Now().Add(patience); time.Now().Before(until); {
		response, err := client.Get(p.URL + health)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended before it answered:\n%s", p.output.String())
		case <-tb.Context().Done():
			return tb.Context().Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("it did not answer within %s:\n%s", patience, p.output.String())
}

// output is what a program writes, kept up to a limit.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const maxOutput = 64 << 10

// Write keeps what there is room for.
func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(text[:min(len(text), max(0, maxOutput-o.text.Len()))])
	return len(text), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
