package io.longstrand.attention;

import io.longstrand.config.UserError;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;

/**
 * Makes a user's mask from the name of its class.
 *
 * @param setting {@code key = value}, for messages
 */
record MaskLoader(String setting) {
    /** @throws UserError when there is no such class or it is no mask, saying what would be right */
    CustomMask load(String className) {
        Class<?> type = type(className);
        if (!CustomMask.class.isAssignableFrom(type)) {
            throw wrong("does not implement " + CustomMask.class.getName());
        }
        if (!Modifier.isPublic(type.getModifiers()) || Modifier.isAbstract(type.getModifiers())) {
            throw wrong("must be a public class that is not abstract");
        }
        try {
            return type.asSubclass(CustomMask.class).getConstructor().newInstance();
        } catch (NoSuchMethodException e) {
            throw wrong("must have a public constructor without parameters");
        } catch (InvocationTargetException e) {
            throw new UserError(setting + ": its constructor threw " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new UserError(setting + ": cannot be made: " + e, e);
        }
    }

    private Class<?> type(String className) {
        // Spark gives jars of --jars to the threads of its tasks.
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            return Class.forName(className, true, loader == null ? getClass().getClassLoader() : loader);
        } catch (ClassNotFoundException e) {
            throw new UserError(
                    setting + ": there is no such class; name a class that implements " + CustomMask.class.getName()
                            + " in full, with its package, and its jar in LONGSTRAND_JARS (spark-submit --jars)",
                    e);
        } catch (LinkageError e) {
            throw new UserError(setting + ": cannot be loaded: " + e, e);
        }
    }

    private UserError wrong(String what) {
        return new UserError(setting + ": " + what);
    }
}
