/**
 * Spring Boot's auto-configuration of tracking, registry and serving: properties, beans that back off, health, metrics.
 */
@NullMarked
package io.jvmlops.spring;

import org.jspecify.annotations.NullMarked;
