/** The check of a cluster, on executors that are processes of their own. */
package io.longstrand.spark.doctor;
