/**
 * What a run does when ranks die, freeze, lose their connections, meet strangers or differ: real trainings in processes
 * of their own, driver and executors. Used by {@code bench faults} and by the tests.
 */
package io.longstrand.bench.fault;
