# Writes docs/engines.md from a run's report (CTRF), the lab's lab.json and page.json.

# Tests of one behaviour on several servers name the server in their argument.
def server: .extra.traits.server[0] // (.name | capture("\\(name: \\\\?\"(?<of>[^\"\\\\]+)").of)?;

def tests: [$run[0].results.tests[] | {server: server, status, reason: .extra.reason, feature: (.extra.traits.feature // []), refusal: (.extra.traits.refusal // [])}];

def count($status): map(select(.status == $status)) | length;

def reasons: map(.reason | select(. != null)) | unique | join("; ");

# What came of a feature's tests on a server: a word, and the note that belongs to it.
def outcome($tests; $feature):
    ($tests | map(select(.feature | index($feature)))) as $own
    | ($tests | map(select(.refusal | any(startswith($feature + ": "))))) as $refused
    | ($refused | map(.refusal[] | select(startswith($feature + ": ")) | ltrimstr($feature + ": ")) | unique | join("; ")) as $why
    | ($own + $refused) as $all
    | if ($all | length) == 0 then {word: "–"}
      elif ($all | count("failed")) > 0 then {word: "**fails**", note: "\($all | count("failed")) of \($all | length) tests failed"}
      elif ($all | count("passed")) == 0 then {word: "not run", note: ($all | reasons)}
      elif ($own | count("passed")) == 0 then {word: "refused", note: $why}
      else {word: "✓", note: ([($own | reasons | if . == "" then . else "left out: " + . end), $why] | map(select(. != "")) | join("; "))}
      end
    | .note |= (if . == "" then null else . end);

def row: "| \(join(" | ")) |";

def version($server): $lab[0].servers[$server.name] as $there
    | if $there == null then $server.version // "not in the lab"
      elif $there.skipped then "skipped: \($there.skipped)"
      else $there.version end;

def origin($server): $server.from // ($lab[0].servers[$server.name].suite | if . then "Debian \(.)" else "–" end);

def section($tests; $titles): . as $section
    | [.features[] as $feature | {feature: $feature, cells: [$section.servers[] as $server | outcome($tests[$server] // []; $feature.name)]}] as $rows
    | (reduce ($rows[].cells[].note | select(. != null)) as $note ([]; if index($note) then . else . + [$note] end)) as $notes
    | "## \(.title)", "",
      (["", (.servers[] | $titles[.])] | row),
      (["---", (.servers[] | ":-:")] | row),
      ($rows[] | [.feature.name, (.cells[] | .note as $note | .word + (if $note then "<sup>\(($notes | index($note)) + 1)</sup>" else "" end))] | row),
      "",
      ($notes | to_entries[] | "\(.key + 1). \(.value)"),
      (if ($notes | length) > 0 then "" else empty end),
      (.features[] | "- **\(.name)**: \(.says)"),
      "";

(tests | map(select(.server)) | group_by(.server) | map({(.[0].server): .}) | add) as $tests
| ($page[0].servers | map({(.name): .title}) | add) as $titles
| "# Engines and versions",
  "",
  "Written by `script/engines` from a run of the live tests on the servers below, which `script/lab up --wide` starts. To make it again, run that; do not",
  "change it by hand.",
  "",
  (["", "in the lab", "version", "from"] | row),
  (["---", "---", "---", "---"] | row),
  ($page[0].servers[] | [.title, "`\(.name)`", version(.), origin(.)] | row),
  "",
  "**✓** the tests of it passed. **refused**: the server has it not, and Keyturn says so; a test shows that. **not run**: its tests were skipped.",
  "**fails**: at least one failed. **–**: no test of it on this server. A number leads to the reason, or to what is left out.",
  "",
  "No real MongoDB can be had in Debian: the stand-in is a server of the tests' own that speaks the protocol. With `KEYTURN_TEST_MONGODB`",
  "(a connection string) the tests run against a real one, too. PgBouncer and Spider are in tests of their own, and not in these tables.",
  "",
  ($page[0].sections[] | section($tests; $titles))
