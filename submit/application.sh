# Sourced by the scripts of this directory: where the application is, and building it when that is due.

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
application="$root/spark-app/target/longstrand"
jar="$application/longstrand.jar"
# What submit/local-cluster keeps of its cluster.
cluster=${LONGSTRAND_CLUSTER:-$root/runs/local-cluster}

# The machine lacks something: exit code 3.
lacking() {
    printf 'longstrand: %s\n' "$1" >&2
    exit 3
}

check_profile() {
    case ${LONGSTRAND_PROFILE:-none} in
        none | torch | cuda | nd4j-cuda) ;;
        *)
            printf 'longstrand: LONGSTRAND_PROFILE is %s; it must be none, torch, cuda or nd4j-cuda\n' "$LONGSTRAND_PROFILE" >&2
            exit 2
            ;;
    esac
}

find_java() {
    if [[ -n ${JAVA_HOME:-} ]]; then
        java="$JAVA_HOME/bin/java"
        [[ -x $java ]] || lacking "JAVA_HOME is $JAVA_HOME, which holds no bin/java; set it to a JDK 17"
    else
        java=$(command -v java) || lacking "no java on the PATH; install a JDK 17 (Debian: apt install openjdk-17-jdk-headless) or set JAVA_HOME"
    fi
    local release version
    release=$(dirname "$(dirname "$(readlink -f "$java")")")/release
    if [[ -r $release ]]; then
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
    else
        version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    fi
    # The cpu backend reads memory by means that other versions have changed.
    [[ ${version:-0} -eq 17 ]] || lacking "$java is Java ${version:-of unknown version}; Longstrand needs a JDK 17 (set JAVA_HOME)"
}

# The Maven profile of the last build.
built_profile() {
    if [[ -f $application/profile ]]; then
        cat "$application/profile"
    else
        printf 'none\n'
    fi
}

is_built() {
    [[ -f $jar && -f $application/java.options && -d $application/app && -d $application/lib ]] || return 1
    [[ -z ${LONGSTRAND_PROFILE:-} || $LONGSTRAND_PROFILE == "$(built_profile)" ]] || return 1
    [[ -z $(find "$root/pom.xml" "$root/spark-app/pom.xml" "$root/spark-app/src/main" -newer "$jar" -print -quit) ]]
}

build() {
    [[ -x $(dirname "$(readlink -f "$java")")/javac ]] \
        || lacking "$java comes without a compiler, needed to build the application; install a JDK 17 (Debian: apt install openjdk-17-jdk-headless)"
    command -v mvn >/dev/null || lacking "no Maven on the PATH, needed to build the application; install it (Debian: apt install maven)"
    local profile options=()
    profile=${LONGSTRAND_PROFILE:-$(built_profile)}
    if [[ $profile != none ]]; then
        options=("-P$profile")
    fi
    if [[ $profile != "$(built_profile)" ]]; then
        # Maven only adds libraries; those of another profile must not stay.
        rm -rf "$application/app"
    fi
    printf 'longstrand: building the application (once; a few minutes when its libraries must be fetched) …\n' >&2
    # A jar from a build that broke off half-way must not pass for a finished one.
    if ! (cd "$root" && mvn -B -ntp -q "${options[@]}" -DskipTests -Dspotless.check.skip=true package) >&2; then
        rm -f "$jar"
        lacking "the build failed, see above; try: cd $root && mvn -DskipTests package"
    fi
}

# Finds Java, and builds the application when it has not been built or its sources are newer.
require_application() {
    check_profile
    find_java
    if ! is_built; then
        mkdir -p "$application"
        # Two launches at once build once.
        exec 9>"$root/spark-app/target/.build.lock"
        if command -v flock >/dev/null; then
            flock 9
        fi
        is_built || build
        exec 9>&-
    fi
}

# Spark's own start of a process looks for its jars below SPARK_HOME; without a distribution those of the build serve.
spark_home_of_the_build() {
    local jars="$application/spark-home/jars"
    mkdir -p "$jars"
    ln -sf -t "$jars" "$application"/lib/*.jar "$application"/app/*.jar
    # Links to jars of an earlier build.
    find -L "$jars" -type l -delete
    printf '%s\n' "$application/spark-home"
}
