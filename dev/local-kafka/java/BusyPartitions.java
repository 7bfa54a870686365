import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Keeps partitions busy: records of 100 bytes at a steady rate, to each partition in turn, until standard input ends. Arguments: bootstrap
 * servers, topics separated by commas, partitions a topic, records per second, records per transaction (0 for none). Prints how many it sent.
 */
public class BusyPartitions {
    public static void main(String[] args) throws Exception {
        String[] topics = args[1].split(",");
        int partitions = Integer.parseInt(args[2]);
        long nanosPerRecord = 1_000_000_000L / Long.parseLong(args[3]);
        int perTransaction = Integer.parseInt(args[4]);
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("acks", "all");
        settings.put("batch.size", "1024");
        if (perTransaction > 0) settings.put("transactional.id", "busy-" + topics[0]);
        InputEnd.watch();
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            if (perTransaction > 0) producer.initTransactions();
            byte[] value = new byte[100];
            int slots = topics.length * partitions;
            long number = 0;
            long dueNanos = System.nanoTime();
            while (!InputEnd.isReached) {
                if (perTransaction > 0 && number % perTransaction == 0) producer.beginTransaction();
                int slot = (int) (number++ % slots);
                producer.send(new ProducerRecord<>(topics[slot / partitions], slot % partitions, null, value));
                if (perTransaction > 0 && number % perTransaction == 0) producer.commitTransaction();
                dueNanos += nanosPerRecord;
                long wait = dueNanos - System.nanoTime();
                if (wait > 0) LockSupport.parkNanos(wait);
            }
            if (perTransaction > 0 && number % perTransaction != 0) producer.commitTransaction();
            producer.flush();
            System.out.println(number);
        }
    }
}
