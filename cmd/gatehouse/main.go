// Command gatehouse is the gateway: it serves a supergraph, shows how it plans operations, and checks what it is given.
//
//	go run ./cmd/gatehouse demo
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, message(err))
		os.Exit(1)
	}
}

// newRoot returns the command with all its verbs.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "gatehouse",
		Short:         "A GraphQL federation gateway",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate(versionLine())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see \"%s --help\"", err, cmd.CommandPath())
	})
	root.AddCommand(newServe(), newDemo(), newPlan(), newAccess(), newToken(), newKeys(), newVerify(), newCheck(), newVersion())
	return root
}

// message is how an error is shown: several that were found together as a list, and what has more lines indented.
func message(err error) string {
	indent := strings.NewReplacer("\n  ", "\n  ", "\n", "\n  ")
	text := strings.TrimSpace(err.Error())
	several, ok := err.(interface{ Unwrap() []error }) // only what was joined last is a list
	for ok && len(several.Unwrap()) == 1 {
		several, ok = several.Unwrap()[0].(interface{ Unwrap() []error })
	}
	if !ok {
		return "gatehouse: " + indent.Replace(text)
	}
	problems := 1 + strings.Count(text, "\n") - strings.Count(text, "\n  ")
	return fmt.Sprintf("gatehouse: %d problems\n  %s", problems, indent.Replace(text))
}
