// Package rusage reads how long this process has computed.
package rusage

import (
	"syscall"
	"time"
)

// CPU is the time of all threads, in user and system mode. On a machine that does other things as well it
// says more about a contender than the time on the clock. It is 0 when the system does not tell.
func CPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
