package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// head writes the top of the document: the command, when and on what it ran.
func head(w io.Writer, command string, begin time.Time) {
	fmt.Fprintf(w, `# Benchmark results

    %s

Run on %s in %v, with %s on %s/%s, %s.

A ratio is the median over all rounds of what two contenders did in the same round, with the quartiles in
parentheses. Below 1 is cheaper for costs, above 1 is better for throughput.
`, command, begin.UTC().Format(time.DateOnly), time.Since(begin).Round(time.Second), runtime.Version(), runtime.GOOS, runtime.GOARCH, machine())
}

// machine names the processor and says how busy it was when the run ended.
func machine() string {
	text := fmt.Sprintf("%d cores", runtime.NumCPU())
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := regexp.MustCompile(`(?m)^model name\s*: (.+)$`).FindSubmatch(info); m != nil {
			text += " of " + strings.TrimSpace(string(m[1]))
		}
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if fields := strings.Fields(string(load)); len(fields) > 2 {
			text += ", load average at the end " + strings.Join(fields[:3], " ")
		}
	}
	return text
}
