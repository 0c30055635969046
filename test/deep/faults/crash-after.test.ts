import { crashPointTests } from './crash-points';

crashPointTests('after');
